"""Stand-ins for an OpenMV board: the modules of three generations of its firmware, a drive, LEDs and a clock.

They are strict: a module, name or keyword that a firmware does not have is not there. ``ml.Model`` is TFLite-Micro and
sees pictures through ``tinyinspect.camera``, as the firmware of its version fits them. A program runs with imports,
``open`` and ``print`` of its own, so the stand-ins never reach anything else.
"""

import binascii
import builtins
import errno
import hashlib
import inspect
import io
import json
import math
import time as host_time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from sklearn.datasets import load_sample_images
from tflite_micro.python.tflite_micro import runtime

from tinyinspect import camera
from tinyinspect.device.arena import arena_of
from tinyinspect.device.memory import STATE_BYTES, copied_bytes, model_ram
from tinyinspect.simulation.writer import write_avi

FRAME_SIZES = {"QQVGA": (160, 120), "QVGA": (320, 240), "VGA": (640, 480)}
RGB565, GRAYSCALE = 6, 5
SNAPSHOT_MS, INFERENCE_MS = 33, 27
SETTLING = 61  # snapshots in the 2 s that the programs let the sensor settle; the frames in turn come after them
NATIVE = {"json": json, "math": math, "binascii": binascii, "hashlib": hashlib}


class StoppedError(BaseException):
    """Somebody pressed stop."""


@dataclass
class Board:
    """A camera: what is in its drives, what its sensor sees, and what its program did.

    Attributes:
        version: of the firmware, as (4, 8, 1).
        drive: of the folder the program starts in; ``/sdcard`` where there is a card, else ``/flash``.
        frames: RGB888 pictures that the sensor sees in turn, for ever.
        dropped: numbers of the snapshots that fail, or a function of the number.
        heap: bytes of its blocks in the allocator's order, for arenas and for models that are not in ROMFS.
        frame_bytes: of the memory for pictures, and for models for which the heap has no room.
        free_kb: on the drive.
    """

    version: tuple[int, int, int]
    drive: Path
    frames: list[camera.Pixels]
    leds: tuple[str, ...] = ("LED_RED", "LED_GREEN", "LED_BLUE")
    card: bool = True
    romfs: Path | None = None
    dropped: Callable[[int], bool] = lambda number: False
    heap: tuple[int, ...] = (65_536, 270_336)
    frame_bytes: int = 491_520
    free_kb: int = 100_000
    stop_after_ms: int = 20_000
    real_time: bool = False
    now_ms: int = 0
    snapshots: int = 0
    lit: list[tuple[str, ...]] = field(default_factory=list)  # every change of the LEDs
    printed: list[str] = field(default_factory=list)
    channels: dict[str, Any] = field(default_factory=dict)
    inferences: list[str] = field(default_factory=list)  # the model's path for each

    def run(self, program: Path) -> None:
        """Run a program from the drive until it ends or is stopped."""
        self.run_source(program.read_text(), program.name)

    def run_source(self, source: str, name: str = "script") -> None:
        """Run a script's text."""
        modules: dict[str, Any] = {}
        self._heap, self._frame_memory = _Heap(self.heap), _FrameMemory(self.frame_bytes, self.version)
        namespace = {"__name__": "__main__", "__builtins__": self._builtins(modules)}
        try:
            exec(compile(source, name, "exec"), namespace)
        except StoppedError:
            return

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now_ms += milliseconds
        if self.real_time:
            host_time.sleep(0.001)
        if self.now_ms > self.stop_after_ms:
            raise StoppedError

    def path(self, name: str) -> Path:
        """Where a path on the camera stands on the host; a mount point that is not there is an error."""
        if not name.startswith("/"):
            return self.drive / name
        mount, _, rest = name[1:].partition("/")
        mounts = {"sdcard" if self.card else "flash": self.drive} | ({"rom": self.romfs} if self.romfs else {})
        if mount not in mounts:
            raise OSError(errno.ENODEV, "no such device")
        return mounts[mount] / rest

    def open(self, name: str, mode: str = "r") -> Any:
        """MicroPython's ``open``."""
        return self.path(name).open(mode)

    def print(self, *values: object) -> None:
        """MicroPython's ``print``."""
        self.printed.append(" ".join(str(value) for value in values))

    def _builtins(self, modules: dict[str, Any]) -> dict[str, Any]:
        def load(name: str, space: Any = None, local: Any = None, names: Any = (), level: int = 0) -> Any:
            if name not in modules:
                modules[name] = self._module(name, scope)
            for wanted in names or ():
                if not hasattr(modules[name], wanted):
                    raise ImportError(f"can't import name {wanted}")
            return modules[name]

        scope = vars(builtins) | {"__import__": load, "open": self.open, "print": self.print}
        return scope

    def _module(self, name: str, scope: dict[str, Any]) -> Any:
        if name in NATIVE:
            return NATIVE[name]
        makers = {
            "gc": lambda board: SimpleNamespace(collect=board._heap.collect),
            "omv": lambda board: SimpleNamespace(version_major=board.version[0]),
            "time": _time,
            "os": _os,
            "machine": _machine,
            "image": _image,
            "mjpeg": _mjpeg,
            "sensor": _sensor,
        }
        if self.version >= (4, 5, 6):
            makers |= {"ml": _ml, "ulab": _ulab}
        if self.version >= (4, 6, 0):
            makers["csi"] = _sensor if self.version < (4, 8, 0) else _csi
        if self.version >= (5, 0, 0):
            makers["protocol"] = _protocol
        if name in makers:
            return makers[name](self)
        if not (self.drive / f"{name}.py").is_file():
            raise ImportError(f"no module named '{name}'")
        module = SimpleNamespace()
        space = vars(module)
        space |= {"__name__": name, "__builtins__": scope}
        exec(compile((self.drive / f"{name}.py").read_text(), f"{name}.py", "exec"), space)
        return module


def _time(board: Board) -> Any:
    class Clock:
        def __init__(self) -> None:
            self.start, self.total, self.count = board.now_ms, 0, 0

        def tick(self) -> None:
            self.start = board.now_ms

        def fps(self) -> float:
            self.total, self.count = self.total + board.now_ms - self.start, self.count + 1
            return 1000 * self.count / self.total if self.total else 0.0

    return SimpleNamespace(
        ticks_ms=lambda: board.now_ms,
        ticks_diff=lambda end, start: end - start,
        sleep_ms=board.advance,
        clock=Clock,
    )


def _os(board: Board) -> Any:
    def listdir(name: str = ".") -> list[str]:
        return sorted(path.name for path in board.path(name).iterdir())

    def rename(old: str, new: str) -> None:
        if board.path(new).exists():
            raise OSError(errno.EEXIST, "exists")
        board.path(old).rename(board.path(new))

    return SimpleNamespace(
        stat=lambda name: tuple(board.path(name).stat()),
        statvfs=lambda name: (1024, 1024, board.free_kb * 2, board.free_kb, board.free_kb, 0, 0, 0, 0, 255),
        listdir=listdir,
        mkdir=lambda name: board.path(name).mkdir(),
        remove=lambda name: board.path(name).unlink(),
        rename=rename,
    )


def _machine(board: Board) -> Any:
    on: set[str] = set()

    class LED:
        def __init__(self, name: str) -> None:
            if name not in board.leds:
                raise ValueError(f"Pin({name}) doesn't exist")
            self.name = name

        def on(self) -> None:
            on.add(self.name)
            self._log()

        def off(self) -> None:
            on.discard(self.name)
            self._log()

        def _log(self) -> None:
            if not board.lit or board.lit[-1] != tuple(sorted(on)):
                board.lit.append(tuple(sorted(on)))

    return SimpleNamespace(LED=LED)


class Image:
    """RGB565 pixels, kept as (height, width, 3) uint8 of 5, 6 and 5 bits."""

    def __init__(self, pixels: camera.Pixels) -> None:
        self.pixels = pixels

    def width(self) -> int:
        """In pixels."""
        return self.pixels.shape[1]

    def height(self) -> int:
        """In pixels."""
        return self.pixels.shape[0]

    def rgb888(self) -> camera.Pixels:
        """As the firmware widens it."""
        return camera.from_rgb565(self.pixels)


def _image(board: Board) -> Any:
    def load(path: str, *, copy_to_fb: bool = False) -> Image:
        if copy_to_fb and board.version >= (5, 0, 0):
            raise TypeError("extra keyword arguments given")
        with board.open(path, "rb") as file:
            content = file.read()
        fields = content.split(maxsplit=4)
        if fields[0] != b"P6" or fields[3] != b"255":  # the formats of PPM that the firmware reads in colour, in binary
            raise OSError("Unsupported format!")
        width, height = int(fields[1]), int(fields[2])
        pixels = np.frombuffer(content[-width * height * 3 :], np.uint8).reshape(height, width, 3)
        return Image(camera.to_rgb565(pixels))

    return SimpleNamespace(Image=load, RGB565=RGB565, GRAYSCALE=GRAYSCALE)


class _Array:
    """What of ulab's ndarray the programs use; float32, as the boards' floats are."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values, np.float32)

    def __len__(self) -> int:
        return len(self.values)

    def flatten(self) -> "_Array":
        return _Array(self.values.reshape(-1))

    def tolist(self) -> list[Any]:
        return self.values.tolist()

    def __getitem__(self, part: slice) -> "_Array":
        return _Array(self.values[part])

    def __iter__(self) -> Iterator[float]:
        return iter(self.values.tolist())

    def __sub__(self, other: "_Array") -> "_Array":
        if len(self) != len(other):
            raise ValueError("operands could not be broadcast together")
        return _Array(self.values - other.values)


def _ulab(board: Board) -> Any:
    def dot(first: _Array, second: _Array) -> float:
        if not (isinstance(first, _Array) and isinstance(second, _Array)):
            raise TypeError("arguments must be ndarrays")
        assert first.values.ndim == second.values.ndim == 1, "only of two vectors the product is a number"
        if len(first.values) != len(second.values):
            raise ValueError("dimensions do not match")
        return float(np.add.accumulate(first.values * second.values)[-1])  # one after the other, in float32

    return SimpleNamespace(numpy=SimpleNamespace(array=_Array, dot=dot))


class _Heap:
    """MicroPython's: the first block with room takes what is asked for; what nobody holds is free once collected."""

    def __init__(self, blocks: tuple[int, ...]) -> None:
        self.free = list(blocks)
        self.garbage: list[tuple[int, int]] = []  # block, bytes

    def allocate(self, size: int) -> tuple[int, int]:
        if size > max(self.free):
            self.collect()
        for number, left in enumerate(self.free):
            if size <= left:
                self.free[number] -= size
                return number, size
        raise MemoryError(f"memory allocation failed, allocating {size} bytes")

    def collect(self) -> None:
        for number, size in self.garbage:
            self.free[number] += size
        self.garbage.clear()


class _FrameMemory:
    """Frame buffers from its start, models from its end."""

    def __init__(self, size: int, version: tuple[int, int, int]) -> None:
        self.size, self.pictures, self.models = size, 0, 0
        self.buffers_see_models = not (4, 8, 0) <= version < (5, 0, 0)

    @property
    def free(self) -> int:
        return self.size - self.pictures - self.models

    def hold_pictures(self, size: int, most: int = 3) -> None:
        """As many buffers as there is room for."""
        room = self.size - (self.models if self.buffers_see_models else 0)
        count = min(most, room // size)
        assert count or not self.models, "the firmware would cut the picture"
        self.pictures = count * size
        assert self.free >= 0, "the frame buffers lie over a model"

    def hold_model(self, size: int) -> None:
        if size > self.free:
            raise MemoryError("Out of fast frame buffer stack memory")
        self.models += size


@lru_cache
def _arena(path: Path, content: bytes) -> int:
    return arena_of(path)


def _ml(board: Board) -> Any:
    heap, frame_memory = board._heap, board._frame_memory

    class Model:
        def __init__(self, path: str, **options: bool) -> None:
            self._held: list[tuple[int, int]] = []
            self._beside_pictures = 0
            known = {"load_to_fb", "postprocess"} if board.version < (5, 0, 0) else {"postprocess"}
            if set(options) - known:
                raise TypeError("extra keyword arguments given")
            with board.open(path, "rb") as file:
                content = file.read()
            if content[4:8] != b"TFL3":
                raise RuntimeError("Failed to allocate tensors")
            self._interpreter = runtime.Interpreter.from_bytes(content)
            self._path, self.len, self._arena = path, len(content), _arena(board.path(path), content)
            self.ram = model_ram(self._arena)
            try:
                self._allocate(to_frame_memory=options.get("load_to_fb", False))
            except (MemoryError, ValueError):
                self._let_go()  # CPython's traceback would hold it, MicroPython's does not
                raise
            inputs, outputs = self._interpreter.get_input_details(0), self._interpreter.get_output_details(0)
            self.input_shape = (tuple(int(side) for side in inputs["shape"]),)
            self.output_shape = (tuple(int(side) for side in outputs["shape"]),)
            self.output_scale = (float(outputs["quantization_parameters"]["scales"][0]),)
            self.output_zero_point = (int(outputs["quantization_parameters"]["zero_points"][0]),)
            if board.version >= (4, 6, 0):
                self.labels = _labels(board, path)

        def __del__(self) -> None:
            self._let_go()

        def _let_go(self) -> None:
            heap.garbage += self._held
            frame_memory.models -= self._beside_pictures
            self._held, self._beside_pictures = [], 0

        def _allocate(self, *, to_frame_memory: bool) -> None:
            if not self._path.startswith("/rom/"):
                self._copy(to_frame_memory=to_frame_memory)
            # From 4.5.9 on the firmware plans in the heap's largest free block, and this is how too small a one ends.
            if self._arena > (max(heap.free) if board.version >= (4, 5, 9) else frame_memory.free):
                raise ValueError("Failed to allocate tensors")
            for size in (self.ram, STATE_BYTES):
                self._held.append(heap.allocate(size))

        def _copy(self, *, to_frame_memory: bool) -> None:
            if not to_frame_memory:
                try:
                    self._held.append(heap.allocate(copied_bytes(self.len)))
                    return
                except MemoryError:
                    if board.version < (5, 0, 0):
                        raise
            frame_memory.hold_model(self.len)
            self._beside_pictures = self.len

        def predict(self, inputs: list[Image], *, callback: Any = None) -> list[_Array]:
            if not isinstance(inputs, list):
                raise ValueError("Unsupported input type. Expected a list")
            (picture,) = inputs
            assert isinstance(picture, Image), "an ndarray costs heap and is quantised otherwise"
            fit = camera.Fit.CROP if board.version < (5, 0, 0) else camera.Fit.STRETCH
            view = camera.resize(picture.rgb888(), *self.input_shape[0][1:3], fit)
            self._interpreter.set_input((view.astype(np.int16) - 128).astype(np.int8)[None], 0)
            self._interpreter.invoke()
            board.advance(INFERENCE_MS)
            board.inferences.append(self._path)
            quantised = self._interpreter.get_output(0).astype(np.float32) - np.float32(self.output_zero_point[0])
            return [_Array(quantised * np.float32(self.output_scale[0]))]

    return SimpleNamespace(Model=Model)


def _labels(board: Board, path: str) -> list[str] | None:
    try:
        with board.open(path.split(".")[0] + ".txt") as file:
            return [line.rstrip("\n") for line in file]
    except OSError:
        return None


class _Sensor:
    """The image sensor beneath ``sensor`` and ``csi``."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.size: tuple[int, int] | None = None
        self.colour = False
        self.rect = (0, 0, 0, 0)

    def reset(self) -> None:
        self.size, self.colour = None, False

    def pixformat(self, pixels: int) -> None:
        self.colour = pixels == RGB565

    def framesize(self, size: tuple[int, int]) -> None:
        self.size = size
        self.window((0, 0, *size))

    def window(self, rect: tuple[int, ...]) -> None:
        if self.size is None:
            raise RuntimeError("Frame size is not supported or is not set.")
        width, height = self.size
        if len(rect) == 2:
            rect = (width // 2 - rect[0] // 2, height // 2 - rect[1] // 2, *rect)
        self.rect = tuple(rect)
        self.board._frame_memory.hold_pictures(self._picture_bytes())

    def framebuffers(self, count: int) -> None:
        self.board._frame_memory.hold_pictures(self._picture_bytes(), count)

    def _picture_bytes(self) -> int:
        return self.rect[2] * self.rect[3] * 2

    def snapshot(self) -> Image:
        if self.size is None or not self.colour:
            raise RuntimeError("Pixel format is not supported or is not set.")
        number = self.board.snapshots
        self.board.snapshots += 1
        self.board.advance(SNAPSHOT_MS)
        if self.board.dropped(number):
            raise RuntimeError("Frame capture has timed out.")
        frames = self.board.frames
        frame = frames[0] if number < SETTLING else frames[(number - SETTLING) % len(frames)]
        assert frame.shape[:2] == self.size[::-1], "a test's frames have the size that the program sets"
        left, top, width, height = self.rect
        return Image(camera.to_rgb565(frame[top : top + height, left : left + width]))

    def skip(self, milliseconds: int) -> None:
        until = self.board.now_ms + milliseconds
        while self.board.now_ms < until:
            _Sensor.snapshot(self)


def _sensor(board: Board) -> Any:
    one = _Sensor(board)
    if board.version >= (5, 0, 0):
        board.print("WARNING: The sensor module is deprecated and will be removed in a future release.")
    return SimpleNamespace(
        RGB565=RGB565,
        GRAYSCALE=GRAYSCALE,
        reset=one.reset,
        set_pixformat=one.pixformat,
        set_framesize=one.framesize,
        set_windowing=one.window,
        set_framebuffers=one.framebuffers,
        snapshot=one.snapshot,
        skip_frames=lambda *, time=300: one.skip(time),
        **FRAME_SIZES,
    )


def _csi(board: Board) -> Any:
    class CSI(_Sensor):
        def __init__(self, *, cid: int = -1, delays: bool = True, fflush: bool = True, stream: Any = None) -> None:
            super().__init__(board)

        def snapshot(self, *, time: int = -1, frames: int = -1, blocking: bool = True, image: Any = None) -> Any:
            return super().snapshot() if time == -1 else self.skip(time)

    return SimpleNamespace(CSI=CSI, devices=lambda: [0x7725], RGB565=RGB565, GRAYSCALE=GRAYSCALE, **FRAME_SIZES)


def _mjpeg(board: Board) -> Any:
    class Mjpeg:
        def __init__(self, path: str, width: int = -1, height: int = -1) -> None:
            self.path, self.size, self.jpegs, self.closed = board.path(path), (width, height), [], False
            self.path.touch()

        def write(self, picture: Image, *, quality: int = 90) -> None:
            if self.closed:
                raise OSError("MJPEG stream is closed")
            assert (picture.width(), picture.height()) == self.size, "the firmware would scale the picture"
            stream = io.BytesIO()
            PillowImage.fromarray(picture.rgb888()).save(stream, "JPEG", quality=quality)
            self.jpegs.append(stream.getvalue())
            board.free_kb -= len(self.jpegs[-1]) // 1024 + 1
            if board.free_kb < 0:
                raise OSError(errno.ENOSPC, "no space")

        def sync(self) -> None:
            return

        def close(self) -> None:
            if not self.closed and self.jpegs:
                write_avi(self.path, self.jpegs)
            self.closed = True

    return SimpleNamespace(Mjpeg=Mjpeg)


def _protocol(board: Board) -> Any:
    def register(*, name: str, flags: int = 0, backend: Any) -> None:
        assert len(inspect.signature(backend.write).parameters) == 2
        board.channels[name] = backend

    return SimpleNamespace(register=register)


def solid(red: int, green: int, blue: int) -> camera.Pixels:
    """A QVGA frame of one colour."""
    return np.broadcast_to(np.array([red, green, blue], np.uint8), (240, 320, 3))


def real_frames(folder: Path) -> Iterator[tuple[str, camera.Pixels]]:
    """The frames in a folder, by name."""
    for path in sorted(folder.glob("*.jpg")):
        with PillowImage.open(path) as picture:
            yield path.stem, np.asarray(picture)


def foreign_frames() -> list[camera.Pixels]:
    """QVGA cuts of photos that show nothing of the line, which the tiny gate was not trained on."""
    return [photo[-240:, -320:] for photo in load_sample_images().images]
