"""What the scripts on the camera share: settings, lights, frames, the model and the drive.

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
    raise CameraError("%s is not on the camera; copy all files of models/openmv" % SETTINGS)


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

    def __init__(self, settings):
        self.settings = settings["camera"]
        self.dropped = 0  # in a row
        try:
            self.sensor = _open_sensor(self.settings["frame_size"], self.settings["window"])
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


def _open_sensor(frame_size, window):
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
        sensor.snapshot(time=SETTLE_MS)
        return sensor
    import sensor

    sensor.reset()
    sensor.set_pixformat(sensor.RGB565)
    sensor.set_framesize(getattr(sensor, frame_size))
    sensor.set_windowing(tuple(window))
    sensor.skip_frames(time=SETTLE_MS)
    return sensor


class Classifier:
    """The int8 network: pictures in, one score per class out."""

    def __init__(self, settings):
        self.classes = settings["classifier"]["classes"]
        self.path = find_model(settings["classifier"])
        try:
            import ml
        except ImportError:
            raise CameraError("this firmware has no module ml; update it to %s or later" % settings["firmware"][0])
        gc.collect()
        try:
            self.model = ml.Model(self.path)
        except MemoryError:
            raise CameraError("%s does not fit into the heap; put it into ROMFS or take a smaller one" % self.path)
        except Exception as error:
            raise CameraError("%s does not load (%s); run the stage verify for this board" % (self.path, error))
        self._check(settings["classifier"]["input_size"])

    def _check(self, size):
        shape = tuple(self.model.input_shape[0])
        if shape != (1, size, size, 3):
            raise CameraError("%s takes an input of %s, %s says %d pixels" % (self.path, shape, SETTINGS, size))
        count = self.model.output_shape[0][-1]
        if count != len(self.classes):
            raise CameraError("%s knows %d classes, %s names %d" % (self.path, count, SETTINGS, len(self.classes)))
        labels = getattr(self.model, "labels", None)  # the firmware reads them from the .txt beside the model
        if labels and labels != self.classes:
            wrong = self.path.split(".")[0] + ".txt"
            raise CameraError("%s names other classes than %s; copy both from one bundle" % (wrong, SETTINGS))

    def logits(self, image):
        """The network's outputs for a picture, which the firmware resizes into the input by itself."""
        return self.model.predict([image])[0].flatten().tolist()

    def scores(self, image):
        """Softmax over the classes."""
        logits = self.logits(image)
        top = max(logits)
        parts = [math.exp(value - top) for value in logits]
        total = sum(parts)
        return [part / total for part in parts]


def find_model(settings):
    """The first file of the model's name that is this bundle's: half a copy or another round's is passed over."""
    name = settings["model"]
    found = [place + name for place in PLACES if _size(place + name) is not None]
    for path in found:
        if digest(path) == settings["sha256"]:
            return path
    if found:
        raise CameraError("%s is not the model that %s describes; copy both from one bundle" % (found[0], SETTINGS))
    raise CameraError("%s is not on the camera; copy all files of models/openmv" % name)


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
