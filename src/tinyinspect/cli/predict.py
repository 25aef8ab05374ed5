"""``tinyinspect predict``: what the camera would say of a recording."""

from pathlib import Path
from typing import Annotated

import typer


def predict(
    source: Annotated[Path, typer.Argument(help="a recording, a folder of pictures, or a folder of recordings")],
    out: Annotated[Path, typer.Option(help="folder for answers.csv, frames.jpg and answers.mp4")] = Path("predicted"),
    video: Annotated[bool, typer.Option(help="write a video with the answers too")] = False,
) -> None:
    """Run the int8 file over a recording, bit for bit as the camera does, and write its answer for every frame.

    Example: tinyinspect predict data/videos/line_00.avi --video
    """
    import csv
    import time
    from collections import Counter
    from contextlib import ExitStack

    from tinyinspect.config.loading import load
    from tinyinspect.config.params import Params
    from tinyinspect.device.device_file import DEVICE, read_device
    from tinyinspect.device.microcontroller import STAND_IN, MicroRuntime
    from tinyinspect.errors import InputError
    from tinyinspect.evaluation.source import COLUMNS, row_of, run_over
    from tinyinspect.files import complete_file
    from tinyinspect.project.root import nearest
    from tinyinspect.registry import task_part
    from tinyinspect.report.annotated import AnnotatedVideo, ContactSheet

    root = nearest()
    params = load(root / "params.yaml", Params)
    decision = task_part(params.task.name, "decision").read(root / "models/decision.json")
    answers = task_part(params.task.name, "answers").answers
    device = read_device(root / DEVICE)
    network, counts, sheet = MicroRuntime(root / "models/model_int8.tflite"), Counter[str](), ContactSheet()
    out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with ExitStack() as files:
        table = files.enter_context(files.enter_context(complete_file(out / "answers.csv")).open("w", newline=""))
        film = files.enter_context(AnnotatedVideo(out / "answers.mp4")) if video else None
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(COLUMNS)
        for seen in run_over(source, params.extract, network, lambda one: answers(one, decision, params.data.classes)):
            writer.writerow(row_of(seen))
            counts[seen.said.answer] += 1
            sheet.add(seen)
            if film is not None:
                film.add(seen)
        if not counts:
            raise InputError(f"{source} holds no frame that can be read; give a recording or a folder of pictures")
    rate = counts.total() / (time.perf_counter() - start)
    sheet.write(out / "frames.jpg")
    told = ", ".join(f"{count} {answer}" for answer, count in counts.most_common())
    expected = device.milliseconds
    board = "an unknown rate" if expected is None else f"{1000 / expected:.0f}"
    print(f"{counts.total()} frames: {told}; answers.csv and frames.jpg are in {out}")
    print(f"{rate:.0f} frames a second here, {board} a second at most on {params.board.title}, as estimated")
    if STAND_IN:
        print(f"{STAND_IN} stand in for the camera's runtime here; an output may differ by a step")
