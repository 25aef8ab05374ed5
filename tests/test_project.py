"""The files around the code: each states a fact that another one states too, and they agree."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import tinyinspect

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHONS = ["3.11", "3.12", "3.13"]


def requirements(name: str) -> list[Requirement]:
    lines = [line.partition(" #")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_file_beside_the_code_is_part_of_the_installed_package():
    packaged = {
        path
        for package, patterns in PROJECT["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in (ROOT / "src" / package.replace(".", "/")).glob(pattern)
    }
    package = ROOT / "src" / "tinyinspect"
    beside = {path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert package / "py.typed" in packaged
    assert beside - packaged == set()


def test_the_version_has_its_section_in_the_changelog():
    assert "version" in PROJECT["project"]["dynamic"]
    sections = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert sections[0] == "Unreleased" and tinyinspect.__version__ in sections


def test_the_supported_pythons_are_the_same_everywhere():
    script = (ROOT / "scripts" / "environment.sh").read_text()
    assert re.search(r'SUPPORTED="(.+)"', script)[1].split() == PYTHONS[::-1]
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"] == PYTHONS
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.14"
    assert PROJECT["tool"]["mypy"]["python_version"] == PYTHONS[0]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-ray.txt"])
def test_each_requirement_is_locked_in_the_version_that_it_asks_for(name):
    locked = {normal(one.name): str(one.specifier) for one in requirements("requirements.lock")}
    assert {normal(one.name): str(one.specifier) for one in requirements(name)}.items() <= locked.items()


def test_the_package_does_not_require_the_tools_of_its_tests():
    run, tools = (
        {normal(one.name) for one in requirements(name)} for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert {"pytest", "mypy", "ruff"} <= tools and not run & tools


@pytest.mark.parametrize("python", PYTHONS)
def test_tensorflow_addons_is_for_python_3_11_alone(python):
    (addons,) = [one for one in requirements("requirements.lock") if one.name == "tensorflow-addons"]
    assert addons.marker.evaluate({"python_version": python}) == (python == "3.11")


def test_the_hooks_and_the_workflow_run_what_is_there():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    tools = {normal(one.name) for one in requirements("requirements-dev.txt")} | {"lint-imports"}
    assert {Path(hook["entry"].split()[0]).name for hook in hooks} <= tools
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["check"]["steps"]
    assert any(step.get("run") == ".ci/run" for step in steps)
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_each_refusal_of_make_has_its_line_in_the_troubleshooting():
    text = (ROOT / "docs" / "troubleshooting.md").read_text()
    refusals = re.findall(
        r'refuse "(.+?)"\s*(?:;;|\)?$)', (ROOT / "scripts" / "environment.sh").read_text(), re.MULTILINE
    )
    assert len(refusals) > 10
    for sentence in refusals:
        # The longest part that the script does not fill in, before the cure.
        said = re.split("[;,]", sentence)[0]
        assert max(re.split(r"\$\([^)]*\)|\$\{[^}]*\}|\$\w+", said), key=len).strip(" (") in text, sentence


def test_git_ignores_what_dvc_keeps_and_nothing_that_git_keeps():
    """So a run leaves `git status` clean, but for measures and plots that came out different."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    entries = [entry for stage in stages for kind in ("outs", "metrics", "plots") for entry in stage.get(kind, [])]
    outputs = [next(iter(entry.items())) if isinstance(entry, dict) else (entry, {}) for entry in entries]
    asked = "\n".join(name for name, _ in outputs)
    # --no-index: files that Git keeps already are never called ignored otherwise.
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    said = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True, check=False).stdout
    kept_by_dvc = {name for name, options in outputs if options.get("cache", True)}
    assert set(said.split()) == kept_by_dvc | {"to_annotate"}  # which is for people
