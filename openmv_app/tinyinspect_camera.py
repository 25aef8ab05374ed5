"""What the scripts on the camera share: settings, lights, frames, the models and the drive.

MicroPython for OpenMV firmware 4.5.6 to 5.0.0. Every constant that the pipeline knows comes from ``settings.json``.
"""

import gc
import json
import math
import os
import time

SETTINGS = "settings.json"
# ROMFS first: a model there is used in place and costs no heap. Then where the camera started, then its drives.
PLACES = ("/rom/", "", "/sdcard/", "/flash/")
SETTLE_MS = 2000  # until exposure and white balance follow the scene
ALARM_LED = "LED_RED"  # also where the settings cannot be read
KNOWN, UNKNOWN = "known", "unknown"  # what a gate says of a picture
OFFSET = 0.1  # added to a frame number before its logarithm is taken
LIMIT = 0.1  # square distance of frame numbers from which on similarity is taken off


class CameraError(Exception):
    """What the person with the board can mend, as one sentence."""


def run(script):
    """Run ``script(settings, lights)``; end in one printed sentence and a blinking red LED where it cannot go on."""
    lights = Lights([ALARM_LED])
    try:
        settings = read_settings()
        lights = Lights(settings["lights"])
        script(settings, lights)
    except CameraError as problem:
        alarm(lights, str(problem))
    except Exception as error:
        alarm(lights, "the program stopped (%s: %s); reset the camera" % (type(error).__name__, error))


def alarm(lights, sentence):
    """Print the sentence once and blink until somebody stops the program or the camera."""
    print("error: " + sentence)
    while True:
        lights.show([ALARM_LED])
        time.sleep_ms(100)
        lights.show([])
        time.sleep_ms(400)


def read_settings():
    """The settings that the pipeline wrote beside the model."""
    for place in PLACES:
        if _size(place + SETTINGS) is not None:
            try:
                with open(place + SETTINGS) as file:
                    return Section(json.load(file), SETTINGS)
            except (ValueError, OSError) as error:
                raise CameraError("%s cannot be read (%s); copy it again" % (place + SETTINGS, error))
    raise CameraError("%s is not on the camera; copy all files of the bundle" % SETTINGS)


class Section:
    """A part of the settings whose missing keys are named in a sentence."""

    def __init__(self, content, name):
        if not isinstance(content, dict):
            raise CameraError("'%s' holds no mapping; copy %s again" % (name, SETTINGS))
        self.content = content
        self.name = name

    def __getitem__(self, key):
        if key not in self.content:
            raise CameraError("'%s' lacks '%s'; copy %s again" % (self.name, key, SETTINGS))
        value = self.content[key]
        return Section(value, key) if isinstance(value, dict) else value

    def take(self, key):
        """The value, which the settings then no longer hold in the heap."""
        value = self[key]
        del self.content[key]
        return value


class Lights:
    """The board's LEDs by name; one that the board lacks is said once and then left dark."""

    def __init__(self, names):
        self.leds = {}
        for name in names:
            try:
                from machine import LED

                self.leds[name] = LED(name)
            except Exception as error:
                print("no %s on this board (%s); going on without it" % (name, error))
        self.show([])

    def show(self, names):
        """Light exactly these; first the others go out, for two together would be another colour."""
        for name in self.leds:
            if name not in names:
                self.leds[name].off()
        for name in self.leds:
            if name in names:
                self.leds[name].on()


class Camera:
    """Frames of the image sensor, in RGB565, through the square window."""

    sensor = None  # opened once: a second time, its buffers could grow over a model in the frame memory

    def __init__(self, settings, single_buffer=False):
        self.settings = settings["camera"]
        self.dropped = 0  # in a row
        if Camera.sensor is not None:
            return
        try:
            Camera.sensor = _open_sensor(self.settings["frame_size"], self.settings["window"], single_buffer)
        except CameraError:
            raise
        except Exception as error:
            raise CameraError("the image sensor does not start (%s); check its cable and reset the camera" % error)

    def frame(self):
        """The next picture, or None where the sensor dropped it."""
        try:
            image = self.sensor.snapshot()
            self.dropped = 0
            return image
        except (RuntimeError, OSError) as error:
            self.dropped += 1
            print("a frame was dropped (%s)" % error)
        if self.dropped >= self.settings["max_dropped_frames"]:
            raise CameraError("the image sensor gives no frames; check its cable and reset the camera")
        return None


def _open_sensor(frame_size, window, single_buffer):
    try:
        import csi
    except ImportError:  # firmware before 4.6
        csi = None
    if hasattr(csi, "CSI"):  # from 4.8 on
        sensor = csi.CSI()
        sensor.reset()
        sensor.pixformat(csi.RGB565)
        sensor.framesize(getattr(csi, frame_size))
        sensor.window(tuple(window))
        if single_buffer:
            sensor.framebuffers(1)
        sensor.snapshot(time=SETTLE_MS)
        return sensor
    import sensor

    sensor.reset()
    sensor.set_pixformat(sensor.RGB565)
    sensor.set_framesize(getattr(sensor, frame_size))
    sensor.set_windowing(tuple(window))
    if single_buffer:
        sensor.set_framebuffers(1)
    sensor.skip_frames(time=SETTLE_MS)
    return sensor


class Model:
    """An int8 network of the bundle, loaded and held against the settings."""

    def __init__(self, settings, name, count, what):
        section = settings[name]
        self.file = section["model"]
        self.sha256 = section["sha256"]
        self.debounce_frames = section["debounce_frames"]
        self.path = find_model(section)
        self.model = _load(self.path, settings)
        self._check(section["input_size"], count, what)

    def _check(self, size, count, what):
        shape = tuple(self.model.input_shape[0])
        if shape != (1, size, size, 3):
            raise CameraError("%s takes an input of %s, %s says %d pixels" % (self.path, shape, SETTINGS, size))
        found = self.model.output_shape[0][-1]
        if found != count:
            told = (self.path, found, SETTINGS, count, what)
            raise CameraError("%s has %d outputs, %s names %d %s; copy both from one bundle" % told)

    def outputs(self, image):
        """The network's outputs for a picture, which the firmware resizes into the input by itself."""
        return self.model.predict([image])[0].flatten()


class Classifier(Model):
    """Pictures in, one score per class out."""

    def __init__(self, settings):
        section = settings["classifier"]
        self.classes = section["classes"]
        self.leds = section["leds"]
        self.temperature = section["temperature"]
        self.min_score = section["min_score"]
        self.scored = self.classes
        super().__init__(settings, "classifier", len(self.classes), "classes")
        labels = getattr(self.model, "labels", None)  # the firmware reads them from the .txt beside the model
        if labels and labels != self.classes:
            wrong = self.path.split(".")[0] + ".txt"
            raise CameraError("%s names other classes than %s; copy both from one bundle" % (wrong, SETTINGS))

    def scores(self, image):
        """Softmax over the classes, of the logits divided by the temperature."""
        logits = self.outputs(image).tolist()
        top = max(logits)
        parts = [math.exp((value - top) / self.temperature) for value in logits]
        total = sum(parts)
        return [part / total for part in parts]

    def judge(self, image):
        """The class's number, or None where its score is too low to count; its LEDs; what to print."""
        scores = self.scores(image)
        score = max(scores)
        index = scores.index(score)
        state = index if score >= self.min_score else None
        return state, self.leds[index], "%s %.2f" % (self.classes[index], score)

    def doubts(self, image, wanted):
        """The scores where the best of them is low, else None."""
        scores = self.scores(image)
        return scores if max(scores) < wanted["below_score"] else None


class Gate(Model):
    """Pictures in, their similarity to known ones out: the cosine of the embedding to the nearest centroid.

    Frame numbers, which the network gives behind the embedding, lower it where they lie far from those of known ones.
    """

    def __init__(self, settings):
        from ulab import numpy

        section = settings["gate"]
        self.scored = ["similarity"]
        self.threshold = section["threshold"]
        self.leds = {KNOWN: section["known_leds"], UNKNOWN: section["unknown_leds"]}
        self.dot = numpy.dot
        centroids = [numpy.array(one) for one in section.take("centroids")]  # the lists take five times their heap
        self.centroids = [(one, math.sqrt(self.dot(one, one))) for one in centroids]
        self.length = len(centroids[0])
        self.center = None
        count = self.length
        if section["frame_test"]:
            test = section["frame_test"]
            self.array = numpy.array
            self.factor = [numpy.array(one) for one in test.take("factor")]
            self.center = numpy.array(test["center"])
            count += len(self.center)
        super().__init__(settings, "gate", count, "numbers to judge")

    def similarity(self, image):
        """From -1 to 1."""
        outputs = self.outputs(image)
        cosine = self._cosine(outputs[: self.length])
        return cosine if self.center is None else max(cosine - self._excess(outputs[self.length :]), -1.0)

    def _cosine(self, embedding):
        """To the nearest centroid; 0 for an embedding of zeros."""
        length = math.sqrt(self.dot(embedding, embedding))
        if not length:
            return 0.0
        return max([self.dot(embedding, one) / (length * of_one) for one, of_one in self.centroids])

    def _excess(self, numbers):
        """What the frame numbers' square distance from those of known pictures is above the limit."""
        away = self.array([math.log(max(one, 0.0) + OFFSET) for one in numbers]) - self.center
        return max(sum([self.dot(away, one) ** 2 for one in self.factor]) - LIMIT, 0.0)

    def judge(self, image):
        """Whether the picture is known, its LEDs, what to print."""
        similarity = self.similarity(image)
        state = KNOWN if similarity >= self.threshold else UNKNOWN
        return state, self.leds[state], "%s %.2f" % (state, similarity)

    def doubts(self, image, wanted):
        """The similarity where it lies near the threshold, else None."""
        similarity = self.similarity(image)
        return [similarity] if abs(similarity - self.threshold) <= wanted["gate_margin"] else None


class Cascade:
    """The gate and, for what it knows, the classifier; what it does not know never gets a class."""

    def __init__(self, settings):
        self.gate = Gate(settings)
        self.classifier = Classifier(settings)
        self.debounce_frames = self.classifier.debounce_frames
        self.scored = self.classifier.scored

    def judge(self, image):
        """As the classifier's, or as the gate's where it knows no such picture."""
        state, leds, words = self.gate.judge(image)
        if state == UNKNOWN:
            return state, leds, words
        state, leds, seen = self.classifier.judge(image)
        return state, leds, "%s %s" % (seen, words)

    def doubts(self, image, wanted):
        """The classifier's scores where it is unsure of a picture that the gate knows, else None."""
        known = self.gate.similarity(image) >= self.gate.threshold
        return self.classifier.doubts(image, wanted) if known else None


MODELS = {"classifier": (Classifier,), "gate": (Gate,), "cascade": (Gate, Classifier)}


def models_of(settings):
    """The kinds of model that the settings' program is made of, as it loads them."""
    name = settings["program"]
    if name not in MODELS:
        known = ", ".join(sorted(MODELS))
        raise CameraError("%s names a program '%s', known are %s; copy it again" % (SETTINGS, name, known))
    return MODELS[name]


def load_program(settings):
    """What the settings name: an object that judges pictures."""
    models = models_of(settings)
    return models[0](settings) if len(models) == 1 else Cascade(settings)


def _load(path, settings):
    try:
        import ml
    except ImportError:
        raise CameraError("this firmware has no module ml; update it to %s or later" % settings["firmware"][0])
    try:
        return _load_where_it_fits(ml, path, settings)
    except CameraError:
        raise
    except MemoryError:
        raise CameraError("%s does not fit into the heap; put it into ROMFS or take a smaller one" % path)
    except Exception as error:  # from firmware 4.5.9 on, an arena that does not fit into the heap ends here too
        raise CameraError("%s does not load (%s); run the stage verify for this board" % (path, error))


def _load_where_it_fits(ml, path, settings):
    """The model with its file in the heap or, where the heap has no room, in the frame memory.

    Firmware 5 goes there by itself (modules/py_ml.c), and knows no ``load_to_fb``. Before, ``load_to_fb`` is False in
    the ``Model`` of every release that has it (scripts/libraries/ml in OpenMV's repository). What ROMFS holds is used
    in place, whatever ``load_to_fb`` says.
    """
    import omv

    gc.collect()
    try:
        return ml.Model(path)
    except (MemoryError, ValueError) as error:
        if omv.version_major >= 5 or path.startswith(PLACES[0]):
            raise
        refusal = error
    # First the camera: 4.8 lays its frame buffers over a model that is there already, but never a model over them
    # (framebuffer_resize and fb_alloc in its source). One buffer instead of up to three leaves the most room.
    Camera(settings, single_buffer=True)
    gc.collect()  # the arena's largest free block is looked for without collecting what the first try left
    try:
        return ml.Model(path, load_to_fb=True)
    except (MemoryError, ValueError):
        raise refusal


def find_model(settings):
    """The first file of the model's name that is this bundle's: half a copy or another round's is passed over.

    Without a SHA-256 in the settings it is the first of that name: OpenMV IDE compiles it on its way into ROMFS.
    """
    name = settings["model"]
    found = [place + name for place in PLACES if _size(place + name) is not None]
    for path in found:
        if settings["sha256"] in (None, digest(path)):
            return path
    if found:
        raise CameraError("%s is not the model that %s describes; copy both from one bundle" % (found[0], SETTINGS))
    raise CameraError("%s is not on the camera; copy all files of the bundle" % name)


def digest(path):
    """SHA-256 of a file in hexadecimal, in pieces that cost little heap."""
    import binascii
    import hashlib

    sha256 = hashlib.sha256()
    piece = bytearray(1024)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(piece)
            if not count:
                return binascii.hexlify(sha256.digest()).decode()
            sha256.update(memoryview(piece)[:count])


class Clip:
    """A Motion-JPEG recording with the next free name, closed properly whatever happens."""

    def __init__(self, stem, settings):
        import mjpeg

        if _size("/sdcard") is None:
            print("no SD card: recording to the camera's small internal drive")
        self.settings = settings["clip"]
        self.stem = free_stem(stem)
        self.name = self.stem + ".avi"
        self.frames = 0
        self._check_space()
        width, height = settings["camera"]["window"]
        try:
            self.clip = mjpeg.Mjpeg(self.name, width, height)
        except OSError as error:
            raise CameraError("%s cannot be written (%s); check the SD card" % (self.name, error))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.clip.close()
        print("%s holds %d frames" % (self.name, self.frames))

    def add(self, image):
        """Append a picture; its number in the clip."""
        self._check_space()
        try:
            self.clip.write(image, quality=self.settings["jpeg_quality"])
        except OSError as error:
            raise CameraError("%s cannot be written (%s); check the SD card" % (self.name, error))
        self.frames += 1
        if self.frames % self.settings["sync_frames"] == 0:
            self.clip.sync()  # what is recorded so far outlives a power cut
        return self.frames - 1

    def _check_space(self):
        # Stop before the drive is full: a clip cut off there could not be closed.
        state = os.statvfs(".")
        free = state[0] * state[3] // 1024
        if free < self.settings["spare_kb"]:
            raise CameraError("the drive is full (%d kB free); put in an SD card or copy the clips away" % free)


def free_stem(stem):
    """``stem-0001`` or the next that no file has yet."""
    names = os.listdir(".")
    number = 1
    while any(name.startswith("%s-%04d." % (stem, number)) for name in names):
        number += 1
    return "%s-%04d" % (stem, number)


def _size(path):
    try:
        return os.stat(path)[6]
    except OSError:
        return None
