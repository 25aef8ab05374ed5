import subprocess
import sys


def heard(inside: str) -> tuple[str, str]:
    """What a process prints that runs `inside` in quiet, then prints "after"."""
    program = f"""
import os, subprocess, sys
from tinyinspect.conversion.quiet import quiet
try:
    with quiet():
        {inside}
except ValueError as error:
    print(error)
print("after")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_nothing_is_heard_inside_and_everything_after():
    loud = "print('python'); os.write(2, b'C++'); subprocess.run([sys.executable, '-c', 'print(1)'], check=True)"
    assert heard(loud) == ("after\n", "")


def test_an_error_passes_and_the_streams_come_back():
    assert heard("raise ValueError('reason')") == ("reason\nafter\n", "")
