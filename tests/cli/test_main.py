"""The one command: what it knows, how it explains itself, and whose code it runs."""

import re
from pathlib import Path

import pytest

from tests.cli.running import run
from tinyinspect.cli.main import app, main

ROOT = Path(__file__).parents[2]
COMMANDS = [one.name or one.callback.__name__.replace("_", "-") for one in app.registered_commands if one.callback]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_fits_a_screen(command):
    done = run(command, "--help", folder=ROOT, COLUMNS="100")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= 30 and lines[0].startswith(f"Usage: tinyinspect {command} ")


def test_nothing_is_called_as_a_module_but_by_the_program_itself():
    own_process = {"allocator.py"}
    for path in [*(ROOT / "src").rglob("*.py"), ROOT / "Makefile", *(ROOT / "docs").glob("*.md")]:
        assert path.name in own_process or not re.search(r"python -m tinyinspect\b", path.read_text()), path


def small_project(folder: Path) -> Path:
    """A project whose code differs from the one that is installed."""
    commands = folder / "src/tinyinspect/cli"
    commands.mkdir(parents=True)
    (folder / "params.yaml").touch()
    (folder / "src/tinyinspect/__init__.py").touch()
    (commands / "__init__.py").touch()
    (commands / "main.py").write_text("import sys\n\ndef main():\n    print('its own code', sys.argv[1:])\n")
    return folder


def test_the_code_of_the_nearest_project_runs(tmp_path):
    inside = small_project(tmp_path / "line") / "annotations" / "of mine"
    inside.mkdir(parents=True)
    done = run("deploy", "--drive", "a b; c", folder=inside)
    assert done.stdout == "its own code ['deploy', '--drive', 'a b; c']\n", done.stderr


def test_outside_of_a_project_there_is_one_sentence(tmp_path):
    done = run("deploy", "--port", "x", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"error: {tmp_path} is in no project; go to one, or make one with `tinyinspect new`\n"


def test_a_command_acts_on_the_project_around_and_names_paths_from_where_the_user_stands(tmp_path):
    (tmp_path / "params.yaml").touch()
    (tmp_path / "annotations").mkdir()
    done = run("deploy", "--drive", tmp_path, folder=tmp_path / "annotations")
    assert done.returncode == 1 and "../models/openmv/manifest.json is missing" in done.stderr


@pytest.mark.parametrize("words", [["deploy"], ["deploy", "--drive", "a", "--port", "b"]])
def test_deploy_wants_one_camera(words):
    done = run(*words, folder=ROOT)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "error: no camera is named, or two are; name one by its drive (--drive, DRIVE=) or its serial port"
    )


def test_front_says_what_is_wrong_with_a_table(tmp_path):
    done = run("front", "none.csv", "front.png", folder=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: none.csv ") and done.stderr.count("\n") == 1


def test_cascade_says_what_is_missing(tmp_path):
    (tmp_path / "params.yaml").touch()
    done = run("cascade", "--gate", "gone", folder=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: gone/manifest.json is missing from the bundle")


def test_an_interrupted_command_says_so_in_one_line(monkeypatch, capsys):
    def interrupt(root):
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.argv", ["tinyinspect", "summary"])
    monkeypatch.setattr("tinyinspect.report.summary.summary", interrupt)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130
    assert capsys.readouterr().err == "interrupted; run the same command again to go on\n"
