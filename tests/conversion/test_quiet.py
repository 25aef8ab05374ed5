import os
import subprocess
import sys

import pytest

from tinyinspect.conversion.quiet import quiet


def test_nothing_is_heard_inside_and_everything_after(capfd):
    with quiet():
        print("python")
        os.write(2, b"descriptor")
        subprocess.run([sys.executable, "-c", "print('child')"], check=True)
    print("after")
    assert capfd.readouterr() == ("after\n", "")


def test_an_error_passes_and_the_streams_come_back(capfd):
    with pytest.raises(ValueError, match="reason"), quiet():
        raise ValueError("reason")
    print("after")
    assert capfd.readouterr().out == "after\n"
