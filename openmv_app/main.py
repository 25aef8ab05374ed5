"""Shows on the LED what the camera sees, a class or whether the picture is known, and prints it for every frame."""

import time

from tinyinspect_camera import Camera, load_program, run


class Debounce:
    """Tells when a state has been seen in so many frames in a row; None is a frame that says nothing."""

    def __init__(self, frames):
        self.frames = frames
        self.state = None
        self.seen = 0

    def decided(self, state):
        """Whether this state is the one to show, after one more frame."""
        self.seen = self.seen + 1 if state == self.state else 1
        self.state = state
        return state is not None and self.seen >= self.frames


def look(settings, lights):
    """Look, decide, show, for ever."""
    program = load_program(settings)
    camera = Camera(settings)
    debounce = Debounce(program.debounce_frames)
    clock = time.clock()
    while True:
        clock.tick()
        image = camera.frame()
        if image is None:
            continue
        state, leds, words = program.judge(image)
        if debounce.decided(state):
            lights.show(leds)
        print("%s %.1f fps" % (words, clock.fps()))


run(look)
