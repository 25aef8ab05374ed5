"""Saves the frames that the model is unsure of: a clip, and a CSV of its frames with an empty label and their scores.

The CSV has the columns of ``annotations/``: fill in the labels and it is one.
"""

import time

from tinyinspect_camera import Camera, Clip, load_program, run


def collect(settings, lights):
    """Save until the clip has the number of frames in the settings."""
    wanted = settings["collect"]
    program = load_program(settings)
    camera = Camera(settings)
    saved_at = None
    with Clip("unsure", settings) as clip, open(clip.stem + ".csv", "w") as table:
        table.write("video,frame,label,%s\n" % ",".join(["score_" + name for name in program.scored]))
        while clip.frames < wanted["frames"]:
            image = camera.frame()
            if image is None:
                continue
            scores = program.doubts(image, wanted)
            now = time.ticks_ms()
            # Neighbouring frames are near-duplicates: one of them is enough.
            soon = saved_at is not None and time.ticks_diff(now, saved_at) < wanted["interval_ms"]
            if scores is None or soon:
                lights.show([])
                continue
            lights.show(wanted["leds"])
            number = clip.add(image)
            table.write("%s,%d,,%s\n" % (clip.name, number, ",".join(["%.3f" % score for score in scores])))
            table.flush()
            saved_at = now
            print("saved frame %d: %s" % (number, " ".join(["%.2f" % score for score in scores])))


run(collect)
