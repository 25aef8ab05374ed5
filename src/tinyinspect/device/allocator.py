"""What TFLite-Micro itself says of a model: whether it allocates and runs it, asked in a process of its own.

The C++ code prints its figures to standard error, and a model that it cannot stand may take the process down: neither
belongs in the caller. Run as ``python -m tinyinspect.device.allocator MODEL.tflite [--run]``. Its kernels know the same
types as the camera's (tensorflow/lite/micro/kernels): what is refused here for its type is refused there.
"""

import re
import subprocess
import sys
from pathlib import Path

from tinyinspect.errors import InputError

_HOST_ARENA_BYTES = 64 << 20  # the largest board has 8 MiB; untouched pages cost nothing
_TIMEOUT_S = 300  # the reference kernels take a second for 80 M multiply-accumulates
_PLANNED = re.compile(r"Arena allocation head (\d+) bytes")
_NOISE = re.compile(r"^(WARNING|INFO|[IWE]\d{4} )")


def planned_bytes(path: Path, *, run: bool = False) -> int:
    """Size of the planned (non-persistent) half of the arena on the host, with the reference kernels.

    Args:
        path: of the model.
        run: whether to run it once, on zeros: some kernels refuse a type only then.

    Raises:
        InputError: TFLite-Micro refuses the model or crashes on it; the sentence gives its words.
    """
    command = [sys.executable, "-m", __name__, str(path), *(["--run"] if run else [])]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"TFLite-Micro does not end on {path}; convert it again") from None
    figure = _PLANNED.search(done.stderr)
    if done.returncode == 0 and figure is not None:
        return int(figure[1])
    lines = [line.strip() for line in done.stderr.splitlines()]
    words = "; ".join(line for line in lines if line and not _NOISE.match(line))
    words = words or f"it ends with status {done.returncode}"
    raise InputError(f"TFLite-Micro refuses {path} ({words}); convert it to operators and types that it has")


def _try(path: Path, *, run: bool) -> None:
    from tflite_micro import runtime

    try:
        interpreter = runtime.Interpreter.from_file(str(path), arena_size=_HOST_ARENA_BYTES)
        if run:
            interpreter.invoke()
        interpreter.print_allocations()
    except (RuntimeError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _try(Path(sys.argv[1]), run="--run" in sys.argv[2:])
