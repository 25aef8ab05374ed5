"""Stage ``bundle``: everything to copy to the camera's drive, in models/openmv."""

from pathlib import Path

from tinyinspect import config
from tinyinspect.device.bundle import read_verified, write_bundle
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder
from tinyinspect.selection.labelled import read_labelled


def main() -> None:
    """Bundle the verified int8 model with the program, its settings and frames to check it by."""
    with reported():
        params = config.load(Path("params.yaml"))
        verified = read_verified(Path("device.json"))
        frames = read_labelled(Path("labeled/test"), params.data.classes)
        with complete_folder(Path("models/openmv")) as folder:
            write_bundle(
                folder,
                program=Path("openmv_app"),
                model=Path("models/model_int8.tflite"),
                frames=frames,
                classes=params.data.classes,
                app=params.app,
                verified=verified,
            )


if __name__ == "__main__":
    main()
