"""The camera's program over the test recordings, every frame in order: what a line would see of it."""

from pathlib import Path

from tinyinspect.config.app import App
from tinyinspect.config.data import Data
from tinyinspect.config.extract import Extract
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section, TaskSettings
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import reported
from tinyinspect.evaluation.predictions import frame_of, read_predictions, read_trained_on
from tinyinspect.evaluation.replay import replay
from tinyinspect.evaluation.tracks import track_of
from tinyinspect.files import write_json
from tinyinspect.registry import task_part
from tinyinspect.selection.annotations import BAD_FRAME, read_annotations


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    data: Data
    extract: Extract
    task: TaskSettings
    app: App


def main() -> None:
    """Read recordings, annotations and the int8 file, write ``replay.json``."""
    params = load(Path("params.yaml"), Inputs)
    part, classes = task_part(params.task.name, "answers"), params.data.classes
    decision = task_part(params.task.name, "decision").read(Path("models/decision.json"))
    network = MicroRuntime(Path("models/model_int8.tflite"))
    labelled = read_annotations(Path("annotations"), classes).pipe(lambda table: table[table["label"] != BAD_FRAME])
    trained_on = {frame_of(name)[0] for name in read_trained_on()["picture"]}
    tracks = []
    for name in sorted(set(read_predictions()["recording"]) - trained_on - {""}):
        mine = labelled[labelled["recording"] == name]
        truth = {
            int(frame): part.truth_of(label, params.task)
            for frame, label in zip(mine["frame"], mine["label"], strict=True)
        }
        track = track_of(
            Path("data/videos") / name,
            name,
            truth,
            extract=params.extract,
            network=network,
            judge=lambda outputs: part.answers(outputs, decision, classes),
        )
        tracks += [] if track is None else [track]
    truths = list(dict.fromkeys(part.truth_of(label, params.task) for label in classes))
    found = replay(tracks, truths, params.app.debounce_frames)
    write_json(found, Path("replay.json"))
    print(f"replayed {len(tracks)} recordings, {60 * found.hours:.1f} minutes")


if __name__ == "__main__":
    with reported():
        main()
