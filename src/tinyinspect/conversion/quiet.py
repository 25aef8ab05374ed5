"""Keep the chatter of converters off the terminal; what fails raises all the same."""

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Send standard output and error to nowhere, those of C++ code and of child processes too."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(stream) for stream in (1, 2)]
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        for stream in (1, 2):
            os.dup2(sink, stream)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, before in zip((1, 2), saved, strict=True):
            os.dup2(before, stream)
        for descriptor in (sink, *saved):
            os.close(descriptor)
