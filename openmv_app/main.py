"""Shows on the LED which class the camera sees and prints it with its score and the frames per second."""

import time

from tinyinspect_camera import Camera, Classifier, run


class Debounce:
    """Holds the shown class until another has been seen, with enough score, in so many frames in a row."""

    def __init__(self, settings):
        self.frames = settings["debounce_frames"]
        self.min_score = settings["min_score"]
        self.shown = None
        self.candidate = None
        self.seen = 0

    def update(self, index, score):
        """The class to show after one more frame, or None before the first decision."""
        if score < self.min_score:
            index = None
        self.seen = self.seen + 1 if index == self.candidate else 1
        self.candidate = index
        if index is not None and self.seen >= self.frames:
            self.shown = index
        return self.shown


def classify(settings, lights):
    """Look, decide, show, for ever."""
    classifier = Classifier(settings)
    camera = Camera(settings)
    debounce = Debounce(settings["classifier"])
    leds = settings["classifier"]["leds"]
    clock = time.clock()
    while True:
        clock.tick()
        image = camera.frame()
        if image is None:
            continue
        scores = classifier.scores(image)
        score = max(scores)
        index = scores.index(score)
        shown = debounce.update(index, score)
        if shown is not None:
            lights.show(leds[shown])
        print("%s %.2f %.1f fps" % (classifier.classes[index], score, clock.fps()))


run(classify)
