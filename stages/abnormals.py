"""Gather the pictures that the anomaly gate must not let through, split by where they come from."""

import sys
from pathlib import Path

from tinyinspect.config.loading import load
from tinyinspect.config.model import MobileNetV2MetricSettings
from tinyinspect.config.params import Params
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder
from tinyinspect.selection.abnormals import counts, write_abnormals


def main() -> None:
    """Read the labelled set and ``photos/``, write ``abnormal/``; it stays empty where a classifier is trained."""
    params = load(Path("params.yaml"), Params)
    target, warning = Path("abnormal"), ""
    gate = isinstance(params.model, MobileNetV2MetricSettings)
    with complete_folder(target) as folder:
        if gate:
            warning = write_abnormals(folder, Path("labeled"), Path("photos"), params)
    if warning:
        print(f"warning: {warning}", file=sys.stderr)
    print(counts(target) if gate else "a classifier needs no abnormal pictures; abnormal/ is empty")


if __name__ == "__main__":
    with reported():
        main()
