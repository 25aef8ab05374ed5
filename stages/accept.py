"""The last word on the finished model: accepted, or refused with the reason.

An experiment is a try: there the refusal is written and said, so that the experiment is kept. ``dvc repro`` fails.
"""

import os
import sys
from pathlib import Path

from tinyinspect.config.accept import Accept
from tinyinspect.config.loading import load
from tinyinspect.config.quantize import Quantize
from tinyinspect.config.section import Section, TaskSettings
from tinyinspect.errors import InputError, reported
from tinyinspect.evaluation.acceptance import ACCEPT, Acceptance
from tinyinspect.files import write_json
from tinyinspect.tasks.limits import refusals


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    task: TaskSettings
    accept: Accept
    quantize: Quantize


def main() -> None:
    """Read ``metrics.json`` and ``device.json``, write ``accept.json``; refuse a model that breaks a limit."""
    params = load(Path("params.yaml"), Inputs)
    reasons = refusals(params.task.name, params.accept, params.quantize.max_accuracy_lost_points)
    write_json(Acceptance(refused=len(reasons), reasons=reasons), ACCEPT)
    if not reasons:
        print("accepted")
        return
    sentence = f"the model is refused: {'; and '.join(reasons)}"
    if not os.environ.get("DVC_EXP_NAME"):
        raise InputError(sentence)
    print(f"warning: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    with reported():
        main()
