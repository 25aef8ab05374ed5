"""Records a Motion-JPEG clip of what the model would see, for the next training round; the red LED is on meanwhile."""

import time

from tinyinspect_camera import ALARM_LED, Camera, Clip, run


def record(settings, lights):
    """Record for the time in the settings."""
    camera = Camera(settings)
    length = settings["record"]["seconds"] * 1000
    with Clip("recording", settings) as clip:
        lights.show([ALARM_LED])
        start = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), start) < length:
            image = camera.frame()
            if image is not None:
                clip.add(image)
    lights.show([])


run(record)
