"""Compose ``conf/`` into ``params.yaml``, as ``dvc exp run`` does before an experiment.

    tinyinspect compose [OVERRIDE ...]

``dvc repro`` never composes: run this after a change in ``conf/``, or with overrides (``experiment=smoke``) to make
them the workspace's parameters.
"""

from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file
from tinyinspect.project.overrides import put, settings


def composed(conf: Path, overrides: list[str]) -> dict[str, Any]:
    """The mapping that ``conf/config.yaml``, a line's own settings and the overrides make, checked against the schema.

    Raises:
        InputError: An override names no known parameter or choice, or a value is out of range.
    """
    wanted = settings(overrides, conf)
    choices = [f"{group}={name}" for group, name in wanted.choices.items()]
    try:
        with initialize_config_dir(str(conf.resolve()), version_base=None):
            content = OmegaConf.to_container(compose("config", choices), resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        words = " ".join(str(error).split())
        raise InputError(f"conf/ does not compose with {choices} ({words}); correct these settings") from None
    assert isinstance(content, dict)
    sections = {str(name): section for name, section in content.items()}
    put(sections, wanted.values)  # past Hydra's grammar, which knows few characters, and on to the schema's own words
    check(sections, "conf/", Params)
    return sections


def write_params(root: Path, overrides: list[str]) -> None:
    """Write a project's ``params.yaml``; see :func:`composed`."""
    content = OmegaConf.to_yaml(OmegaConf.create(composed(root / "conf", overrides)))
    with complete_file(root / "params.yaml") as target:
        target.write_text(content, encoding="utf-8")
