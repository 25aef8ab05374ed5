"""The one place that names architectures and tasks: what a network is made of, and what it is for.

A new one is a package and a line here. A part of it is imported when it is asked for, so that a stage loads and
depends on no more than the part it uses:

    models/<architecture>/settings.py   class ``Model``: the section ``model``
    models/<architecture>/network.py    ``build(model, outputs)``, ``initialize(network, model)``
    tasks/<task>/settings.py            classes ``Task``, ``Loss``, ``Decide``: the sections of these names
    tasks/<task>/                       the other parts: see :mod:`tinyinspect.tasks.protocol`
"""

from importlib import import_module
from typing import Any

ARCHITECTURES = {
    "resnet9": "tinyinspect.models.resnet9",
    "mobilenetv2_metric": "tinyinspect.models.mobilenetv2_metric",
    "efficientnet_lite0_metric": "tinyinspect.models.efficientnet_lite0_metric",
}
TASKS = {
    "classifier": "tinyinspect.tasks.classifier",
    "gate": "tinyinspect.tasks.gate",
}


def architecture_part(architecture: str, part: str) -> Any:
    """The module ``part`` of an architecture, by the name that ``model.architecture`` gives it."""
    return import_module(f"{ARCHITECTURES[architecture]}.{part}")


def task_part(task: str, part: str) -> Any:
    """The module ``part`` of a task, by the name that ``task.name`` gives it."""
    return import_module(f"{TASKS[task]}.{part}")
