"""``tinyinspect predict``: what the camera would say of a recording."""

from pathlib import Path
from typing import Annotated

import typer


def predict(
    source: Annotated[
        str, typer.Argument(help="a recording, a folder of pictures or of recordings, or webcam (webcam:1, ...)")
    ],
    out: Annotated[Path, typer.Option(help="folder for answers.csv, frames.jpg and answers.mp4")] = Path("predicted"),
    video: Annotated[bool, typer.Option(help="write a video with the answers too")] = False,
) -> None:
    """Run the int8 file over a recording, bit for bit as the camera does, and write its answer for every frame.

    A webcam runs until Ctrl-C, and each answer that differs from the one before is printed.
    Example: tinyinspect predict data/videos/line_00.avi --video
    """
    import time

    from tinyinspect.config.loading import load
    from tinyinspect.config.params import Params
    from tinyinspect.device.device_file import DEVICE, read_device
    from tinyinspect.device.microcontroller import STAND_IN, MicroRuntime
    from tinyinspect.errors import InputError
    from tinyinspect.evaluation.source import run_over, run_over_webcam, webcam_named
    from tinyinspect.project.root import nearest
    from tinyinspect.registry import task_part
    from tinyinspect.report.predicted import told_of_changes, write_predicted

    root = nearest()
    params = load(root / "params.yaml", Params)
    decision = task_part(params.task.name, "decision").read(root / "models/decision.json")
    answers = task_part(params.task.name, "answers").answers
    device = read_device(root / DEVICE)
    network, number = MicroRuntime(root / "models/model_int8.tflite"), webcam_named(source)
    how = params.extract, network, lambda outputs: answers(outputs, decision, params.data.classes)
    pictures = run_over(Path(source), *how) if number is None else told_of_changes(run_over_webcam(number, *how))
    start = time.perf_counter()
    counts = write_predicted(out, pictures, video=video)
    if not counts:
        raise InputError(f"{source} holds no frame that can be read; give a recording or a folder of pictures")
    rate = counts.total() / (time.perf_counter() - start)
    told = ", ".join(f"{count} {answer}" for answer, count in counts.most_common())
    expected = device.milliseconds
    board = "an unknown rate" if expected is None else f"{1000 / expected:.0f}"
    print(f"{counts.total()} frames: {told}; answers.csv and frames.jpg are in {out}")
    print(f"{rate:.0f} frames a second here, {board} a second at most on {params.board.title}, as estimated")
    if STAND_IN:
        print(f"{STAND_IN} stand in for the camera's runtime here; an output may differ by a step")
