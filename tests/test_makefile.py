"""`make` before and around the real work: what it refuses in one sentence, what it passes on, what it never removes.

A small program stands in for Python: it answers the version that it was given and writes down what it was asked.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FAKE = """#!{python} -S
import json, os, pathlib, sys
words = sys.argv[1:]
if words[0] == "-c":
    if "version" in words[1]:
        print("{version}")
    sys.exit({status})
if words[:2] == ["-m", "venv"]:
    folder = pathlib.Path(".venv/bin")
    folder.mkdir(parents=True)
    for name in ("python", "pip"):
        (folder / name).write_text(pathlib.Path(__file__).read_text() + "# " + os.getcwd() + "/.venv/bin\\n")
        (folder / name).chmod(0o755)
with open({log!r}, "a") as log:
    print(json.dumps(["{version}", *words]), file=log)
"""
TOOLS = "sh make git grep awk sed find touch rm id df test mktemp ldd cat".split()  # noqa: SIM905 a list of words
WRITTEN = ["real/annotations/a.csv", "data/videos/a.avi", "photos/a.jpg"]
NASTY = [
    "it's",
    'a "quoted" word',
    "$(touch ran)",
    "`touch ran`",
    "$(shell touch ran)",
    "a;touch ran",
    "~/$HOME #x",
    "-x",
]


class Clone:
    """A small clone: the Makefile and what it reads, and a PATH with the usual tools and the Pythons that are added."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tools, self.log = folder / "a clone", folder / "tools", folder / "log"
        self.folder.mkdir(parents=True)
        self.tools.mkdir()
        requirements = "requirements.txt", "requirements-dev.txt", "requirements-ray.txt", "requirements.lock"
        for name in ("Makefile", *requirements, "pyproject.toml"):
            shutil.copy(ROOT / name, self.folder)
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        for name in TOOLS:
            found = shutil.which(name)
            if found:
                (self.tools / name).symlink_to(found)
        subprocess.run(["git", "init", "--quiet"], cwd=self.folder, check=True)

    def add_python(self, name: str, version: str, status: int = 0) -> None:
        path = self.tools / name
        text = FAKE.format(
            python=sys.executable,
            version=version,
            status=status,
            log=str(self.log),
        )
        path.write_text(text)
        path.chmod(0o755)

    def make(self, *words: str, **environment: str) -> subprocess.CompletedProcess:
        given = {"PATH": str(self.tools), "HOME": str(self.folder.parent)} | environment
        return subprocess.run(["make", *words], cwd=self.folder, env=given, capture_output=True, text=True, check=False)

    def asked(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def refusal(self, *words: str, **environment: str) -> str:
        """The one sentence with which `make` ends, before anything was installed."""
        done = self.make(*words, **environment)
        assert done.returncode and not self.log.exists(), done.stdout + done.stderr
        (sentence,) = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
        assert sentence.startswith("error: ")
        return sentence


@pytest.fixture
def clone(tmp_path) -> Clone:
    return Clone(tmp_path)


@pytest.fixture
def ready(clone) -> Clone:
    clone.add_python("python3.12", "3.12")
    assert clone.make("setup").returncode == 0
    clone.log.unlink()
    shutil.copy(clone.folder / ".venv/bin/python", clone.folder / ".venv/bin/tinyinspect")
    return clone


def test_the_newest_python_that_runs_is_taken(clone):
    clone.add_python("python3.13", "3.13", status=127)  # a shim without a Python behind it
    clone.add_python("python3.11", "3.11")
    clone.add_python("python3", "3.12")
    done = clone.make("setup")
    assert done.returncode == 0, done.stderr
    assert clone.asked()[0] == ["3.12", "-m", "venv", ".venv"]


def test_the_python_asked_for_is_taken_by_version_or_by_path(clone):
    clone.add_python("python3.13", "3.13")
    clone.add_python("python3.11", "3.11")
    clone.make("setup", "PYTHON=3.11")
    shutil.rmtree(clone.folder / ".venv")
    clone.make("setup", PYTHON=str(clone.tools / "python3.11"))
    assert [words for words in clone.asked() if "venv" in words] == [["3.11", "-m", "venv", ".venv"]] * 2


def test_the_requirements_are_installed_once_and_those_for_tests_only_when_asked_for(ready):
    ready.make("setup")
    assert not ready.log.exists()
    ready.make("setup-dev")
    (only,) = ready.asked()
    assert {"requirements-dev.txt", "requirements-ray.txt", "requirements.lock"} <= set(only)
    ready.make("setup-dev")
    assert len(ready.asked()) == 1
    os.utime(ready.folder / "requirements.txt", (2**32, 2**32))
    ready.make("setup")
    assert any("requirements.txt" in words for words in ready.asked())


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("", "no Python of 3.13 3.12 3.11"),
        ("3.12", "PYTHON=python3.12 does not run"),
        ("python3.9", "is Python 3.9; use one of"),
    ],
)
def test_a_python_that_is_missing_or_unsupported(clone, asked, says):
    clone.add_python("python3.9", "3.9")
    clone.add_python("python3", "3.9")
    assert says in clone.refusal("repro", PYTHON=asked)


def test_a_python_that_cannot_make_environments(clone):
    path = clone.tools / "python3.12"
    path.write_text('#!/bin/sh\ncase "$2" in *version*) echo 3.12 ;; *) exit 1 ;; esac\n')
    path.chmod(0o755)
    assert "apt-get install python3.12-venv" in clone.refusal("repro", PYTHON="3.12")
    assert "no Python of" in clone.refusal("repro")


@pytest.mark.parametrize("home", ["", "/nowhere"])
def test_a_home_that_is_no_folder(clone, home):
    assert "HOME (" in clone.refusal("repro", HOME=home)


def test_a_clone_of_another_user(clone):
    assert "git config --global --add safe.directory" in clone.refusal("repro", GIT_TEST_ASSUME_DIFFERENT_OWNER="1")


def test_a_folder_that_is_no_clone(clone):
    shutil.rmtree(clone.folder / ".git")
    assert "is not a Git clone" in clone.refusal("repro", GIT_CEILING_DIRECTORIES=str(clone.folder.parent))


def test_too_little_room(clone):
    clone.add_python("python3", "3.12")
    (clone.tools / "df").unlink()
    (clone.tools / "df").write_text("#!/bin/sh\necho Filesystem 1024-blocks Used Available; echo d 9 9 4000000\n")
    (clone.tools / "df").chmod(0o755)
    assert "need 10 GB" in clone.refusal("repro")


def test_an_environment_of_another_python_or_of_another_place(ready):
    ready.add_python("python3.11", "3.11")
    assert ".venv holds Python 3.12" in ready.refusal("repro", PYTHON="3.11")
    moved = ready.folder.rename(ready.folder.with_name("moved"))
    ready.folder = moved
    assert "was moved or copied" in ready.refusal("repro")
    (moved / ".venv" / "bin" / "python").unlink()
    assert "the Python of .venv is gone" in ready.refusal("repro")


def test_the_locale_and_a_missing_name_of_the_user_do_no_harm(ready):
    (ready.folder / ".venv" / "bin" / "dvc").write_text('#!/bin/sh\necho "$PYTHONUTF8 $USER"\n')
    (ready.folder / ".venv" / "bin" / "dvc").chmod(0o755)
    (ready.folder / "data" / "videos").mkdir(parents=True)
    said = ready.make("repro", LC_ALL="C").stdout.splitlines()
    assert said[0] == f"1 user{os.getuid()}"
    assert ready.asked()[-1] == ["3.12", "summary"]


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("by", ["argument", "environment"])
def test_what_a_person_gives_arrives_word_for_word_and_runs_nothing(ready, nasty, by):
    given = {"DATA": nasty, "PHOTOS": nasty, "SET": f"train.epochs=3 {nasty}"}
    if by == "argument":
        done = ready.make("real", *(f"{name}={value}" for name, value in given.items()))
    else:
        done = ready.make("real", **given)
    assert done.returncode == 0, done.stderr
    (asked,) = ready.asked()
    assert asked == ["3.12", "real", f"--photos={nasty}", f"--set=train.epochs=3 {nasty}", "--", nasty]
    assert not (ready.folder / "ran").exists()


def test_without_recordings_nothing_is_installed(clone):
    clone.add_python("python3", "3.12")
    assert "DATA=<folder> is missing" in clone.refusal("real")


def test_clean_removes_caches_and_nothing_that_cannot_be_made_again(clone):
    kept = [*WRITTEN, "mlflow.db", "mlruns/1", "mlartifacts/1", ".resume/train.pt", "models/x"]
    for name in [*kept, ".pytest_cache/x", ".mypy_cache/x", ".coverage"]:
        (clone.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (clone.folder / name).touch()
    assert clone.make("clean").returncode == 0
    assert all((clone.folder / name).exists() for name in kept)
    assert not any((clone.folder / name).exists() for name in (".pytest_cache", ".mypy_cache", ".coverage"))
