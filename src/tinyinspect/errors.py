"""The one error a user sees as a sentence.

``InputError`` says what was found, where, and what to change. Stages run under :func:`reported`, which prints that
sentence to standard error and exits with status 1, without a stack trace. :func:`refuse` says several at once.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FAULTS_SHOWN = 40


class InputError(Exception):
    """Something the user gave cannot be used; the message is one sentence: what, where, what to do."""


@contextmanager
def reported() -> Iterator[None]:
    """Turn an :class:`InputError` into its sentence on standard error and exit status 1, and Ctrl-C into one line."""
    try:
        yield
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)  # as a shell says it


def refuse(faults: list[str], what: str) -> None:
    """Refuse what has faults, with all of them.

    Args:
        faults: sentences, each with its place; without any, nothing happens.
        what: has the faults.

    Raises:
        InputError: There is one.
    """
    if len(faults) == 1:
        raise InputError(faults[0])
    if faults:
        shown = faults[:_FAULTS_SHOWN] + [f"and {len(faults) - _FAULTS_SHOWN} more"] * (len(faults) > _FAULTS_SHOWN)
        raise InputError("\n  ".join([f"{what}: {len(faults)} faults", *shown]))
