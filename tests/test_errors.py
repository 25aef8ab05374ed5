"""What goes wrong outside the program is a sentence and a status; only a fault of the program is a stack trace."""

import errno
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tinyinspect.errors import InputError, machine_fault, refuse, reported

ROOT = Path(__file__).parents[1]
LIMITED = """
import resource, sys
from pathlib import Path
from tinyinspect.errors import reported
from tinyinspect.files import complete_file
with reported():
    whole = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, whole[1]))
    try:
        with complete_file(Path(sys.argv[1])) as target:
            target.write_bytes(bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, whole)  # at its end, a measured process writes what was covered
"""


def ended(error: BaseException, capsys) -> tuple[int, str]:
    """Status and words of a program that ends with an error."""
    with pytest.raises(SystemExit) as ending, reported():
        raise error
    return ending.value.code, capsys.readouterr().err


def test_what_the_user_gave_wrong_is_its_sentence(capsys):
    assert ended(InputError("a.csv is empty; label frames"), capsys) == (1, "error: a.csv is empty; label frames\n")


def test_an_interrupt_is_one_line(capsys):
    assert ended(KeyboardInterrupt(), capsys) == (130, "interrupted; run the same command again to go on\n")


def test_a_fault_of_the_program_keeps_its_stack_trace():
    with pytest.raises(ZeroDivisionError), reported():
        print(1 / 0)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "x", "models/a.onnx"), "the disk that holds models/a.onnx is full; make room"),
        (OSError(errno.ENOSPC, "x", ".frames.partial/a.tar"), f"the disk that holds {Path.cwd()} is full"),
        (OSError(errno.EDQUOT, "x"), "your quota on the disk"),
        (OSError(errno.EROFS, "x", "device.json"), "device.json is on a read-only disk"),
        (PermissionError(errno.EACCES, "x", b"models"), "models cannot be read or written"),
        (
            IsADirectoryError(errno.EISDIR, "x", "models/a.tflite"),
            "models/a.tflite is a folder",
        ),
        (NotADirectoryError(errno.ENOTDIR, "x", "frames/a.tar"), "frames/a.tar lies below a file"),
        (OSError(errno.EMFILE, "x"), r"too many files are open at once"),
        (MemoryError(), "the memory is used up"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "is full; make room"),
        (ValueError("(sqlite3.OperationalError) database or disk is full"), "is full; make room"),
        (RuntimeError("Error code 12 (Cannot allocate memory)"), "the memory is used up"),
    ],
)
def test_what_a_machine_lacks_is_known_whoever_says_it(error, words):
    assert words in machine_fault(error)


def test_it_is_found_behind_the_error_of_a_library():
    try:
        try:
            raise OSError(errno.ENOSPC, "x")
        except OSError:
            raise ValueError("cannot save") from None
    except ValueError as error:
        assert "is full" in machine_fault(error)


def test_a_file_that_is_missing_is_told_but_not_behind_a_fault_of_the_program():
    missing = FileNotFoundError(errno.ENOENT, "x", "embeddings/map.npy")
    assert machine_fault(missing).startswith("embeddings/map.npy is missing; run `dvc repro`")
    fault = KeyError("a")
    fault.__context__ = missing
    assert machine_fault(fault) is None


@pytest.mark.parametrize("error", [ValueError("no"), TimeoutError(), KeyError("a")])
def test_other_errors_are_none_of_the_machines(error):
    assert machine_fault(error) is None


def test_a_file_that_cannot_be_finished_is_absent(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path / "a.bin"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: a file in ") and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_many_faults_are_told_at_once():
    with pytest.raises(InputError, match="labels: 2 faults\n  one\n  two"):
        refuse(["one", "two"], "labels")


def test_an_interrupt_while_the_packages_load_is_one_line(tmp_path):
    (tmp_path / "slow.py").write_text("import time; print('loading', flush=True); time.sleep(60)")
    command = [sys.executable, "-P", "-m", "tinyinspect.stage", str(tmp_path / "slow.py")]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    interruptible = partial(
        signal.signal, signal.SIGINT, signal.default_int_handler
    )  # a shell's background jobs are not
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
        preexec_fn=interruptible,
    )
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=30)
    assert (process.returncode, words) == (130, "interrupted; run the same command again to go on\n")
