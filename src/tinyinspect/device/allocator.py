"""What TFLite-Micro's own allocator says of a model, asked in a process of its own.

The C++ code prints its figures to standard error, and a model that it cannot stand may take the process down: neither
belongs in the caller. Run as ``python -m tinyinspect.device.allocator MODEL.tflite``.
"""

import re
import subprocess
import sys
from pathlib import Path

from tinyinspect.errors import InputError

_HOST_ARENA_BYTES = 64 << 20  # the largest board has 8 MiB; untouched pages cost nothing
_TIMEOUT_S = 60
_PLANNED = re.compile(r"Arena allocation head (\d+) bytes")
_NOISE = re.compile(r"^(WARNING|INFO|[IWE]\d{4} )")


def planned_bytes(path: Path) -> int:
    """Size of the planned (non-persistent) half of the arena on the host, with the reference kernels.

    Raises:
        InputError: TFLite-Micro refuses the model or crashes on it; the sentence gives its words.
    """
    command = [sys.executable, "-m", __name__, str(path)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise InputError(f"TFLite-Micro does not end on {path}; convert it again") from None
    figure = _PLANNED.search(run.stderr)
    if run.returncode == 0 and figure is not None:
        return int(figure[1])
    words = "; ".join(line.strip() for line in run.stderr.splitlines() if line.strip() and not _NOISE.match(line))
    raise InputError(f"TFLite-Micro refuses {path} ({words or f'it ends with status {run.returncode}'})")


def _print_allocations(path: Path) -> None:
    from tflite_micro import runtime

    try:
        runtime.Interpreter.from_file(str(path), arena_size=_HOST_ARENA_BYTES).print_allocations()
    except (RuntimeError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _print_allocations(Path(sys.argv[1]))
