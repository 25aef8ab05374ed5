"""The one error a user sees as a sentence.

``InputError`` says what was found, where, and what to change. Stages run under :func:`reported`, which prints that
sentence to standard error and exits with status 1, without a stack trace.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class InputError(Exception):
    """Something the user gave cannot be used; the message is one sentence: what, where, what to do."""


@contextmanager
def reported() -> Iterator[None]:
    """Turn an :class:`InputError` into its sentence on standard error and exit status 1."""
    try:
        yield
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
