"""Store recordings as the camera does: Motion-JPEG in AVI."""

from collections.abc import Sequence
from pathlib import Path

import ffmpeg
import imageio_ffmpeg

from tinyinspect.errors import InputError
from tinyinspect.files import complete_file

FRAME_RATE = 15  # frames per second


def write_avi(path: Path, jpegs: Sequence[bytes]) -> None:
    """Store JPEG frames bit for bit at 15 frames per second; the same frames give the same file.

    Raises:
        InputError: ffmpeg cannot write there.
    """
    with complete_file(path) as partial:
        process = (
            ffmpeg.input("pipe:", format="mjpeg", framerate=FRAME_RATE)
            .output(str(partial), format="avi", vcodec="copy", r=FRAME_RATE, fflags="+bitexact", map_metadata=-1)
            .run_async(cmd=imageio_ffmpeg.get_ffmpeg_exe(), pipe_stdin=True, pipe_stderr=True, overwrite_output=True)
        )
        _, messages = process.communicate(b"".join(jpegs))
        if process.returncode:
            raise InputError(
                f"{path} cannot be written ({messages.decode().strip().splitlines()[-1]}); free its folder"
            )
