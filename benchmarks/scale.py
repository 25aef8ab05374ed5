"""What a million frames take: a coreset of their embeddings, near-duplicates among their hashes, their index.

    python benchmarks/scale.py [--embeddings 2000000 4000000 8000000 [--chosen 100]]

The ratio of covering radii is that of parts against one greedy run over the same million embeddings of 64 numbers,
drawn as 2,000 clouds of different sizes. Hashes are tested twice: far apart, and all of a few scenes, as of cameras
that see the same all day. The index of a million frames is read, and 25,000 embeddings are mapped in two dimensions.
With --embeddings, a coreset of so many is taken instead, read by parts from a temporary file of 256 bytes each. The
time grows with --chosen, and so does the memory, up to that of one greedy run.
"""

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from tinyinspect.recordings.store import COLUMNS, INDEX, FrameStore
from tinyinspect.selection import composable_coreset
from tinyinspect.selection.composable_coreset import select_coreset_of_many
from tinyinspect.selection.embeddings import map_of
from tinyinspect.selection.near_duplicates import near_duplicates

EMBEDDINGS, DIMENSIONS, CHOSEN, CLOUDS = 1_000_000, 64, 1_000, 2_000
HASHES, OTHERS, BITS = 1_000_000, 10_000, 4
INDEXED, MAPPED = 1_000_000, 25_000
BLOCK = 50_000  # rows written, and compared with the chosen ones, at a time
Result = TypeVar("Result")


def clouds(target: Path, count: int) -> NDArray[np.float32]:
    """So many embeddings in a file, mapped: (count, 64) float32."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(CLOUDS, DIMENSIONS)).astype(np.float32)
    weights = rng.pareto(1.0, CLOUDS) + 0.01
    written = open_memmap(target, "w+", np.float32, (count, DIMENSIONS))
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        cloud = rng.choice(CLOUDS, size, p=weights / weights.sum())
        written[start : start + size] = centers[cloud] + 0.3 * rng.normal(size=(size, DIMENSIONS)).astype(np.float32)
    written.flush()
    return np.load(target, mmap_mode="r")


def coreset(embeddings: NDArray[np.float32], chosen: int = CHOSEN) -> NDArray[np.int64]:
    """As the stage `select_frames` does it."""
    return select_coreset_of_many(
        embeddings,
        np.ones(len(embeddings), bool),
        chosen,
        preselected=np.zeros(0, np.int64),
        classes=np.full(len(embeddings), -1, np.int16),
        typicality=0,
        class_balance=0,
        rng=np.random.default_rng(0),
    )


def radius(embeddings: NDArray[np.float32], centers: NDArray[np.float32]) -> float:
    """The largest distance of an embedding to the nearest center."""
    farthest, own = 0.0, (centers**2).sum(axis=1)
    for start in range(0, len(embeddings), BLOCK):
        block = np.asarray(embeddings[start : start + BLOCK])
        squares = (block**2).sum(axis=1, keepdims=True) + own - 2 * block @ centers.T
        farthest = max(farthest, float(squares.min(axis=1).max()))
    return farthest**0.5


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds, and the result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def peak() -> str:
    """The most memory that this process has held so far."""
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB"


def compare_coresets(folder: Path) -> None:
    """Parts first, for the peak of memory only grows."""
    embeddings = clouds(folder / "embeddings.npy", EMBEDDINGS)
    composable_coreset.EXACT = EMBEDDINGS // 2
    by_parts, parts = timed(lambda: coreset(embeddings))
    print(f"{CHOSEN} of {EMBEDDINGS} embeddings by parts: {by_parts:.1f} s, {peak()}")
    composable_coreset.EXACT = EMBEDDINGS
    at_once, exact = timed(lambda: coreset(embeddings))
    print(f"{CHOSEN} of {EMBEDDINGS} embeddings at once: {at_once:.1f} s, {peak()}")
    ratio = radius(embeddings, embeddings[parts]) / radius(embeddings, embeddings[exact])
    print(f"covering radius, parts over at once: {ratio:.3f}; time {by_parts / at_once:.2f}")


def read_by_parts(folder: Path, count: int, chosen: int) -> None:
    """One file of so many; the time is that of the core, which other work on the machine does not lengthen."""
    embeddings = clouds(folder / "many.npy", count)
    start = time.process_time()
    with own_memory() as held:
        coreset(embeddings, chosen)
    took = time.process_time() - start
    print(f"{chosen} of {count} embeddings by parts: {took:.0f} s of a core, {count / took:.0f} a second", end=", ")
    print(f"at most {max(held) / 1e9:.2f} GB", flush=True)


@contextmanager
def own_memory() -> Iterator[list[int]]:
    """Bytes that this process holds, ten times a second, without the mapped file, which the system may drop."""
    held, ended, process = [0], threading.Event(), psutil.Process()

    def watch() -> None:
        while not ended.wait(0.1):
            now = process.memory_info()
            held.append(now.rss - now.shared)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield held
    finally:
        ended.set()
        watching.join()


def compare_hashes() -> None:
    """Hashes far apart, then of a few scenes."""
    rng = np.random.default_rng(0)
    far = rng.integers(0, 2**64, HASHES + OTHERS, np.uint64, endpoint=False)
    scenes = rng.choice(far[:50], HASHES + OTHERS)
    for _ in range(10):
        scenes ^= np.uint64(1) << rng.integers(0, 64, len(scenes), np.uint64)
    for name, hashes in {"far apart": far, "of 50 scenes": scenes}.items():
        seconds, near = timed(lambda given=hashes: near_duplicates(given[OTHERS:], given[:OTHERS], BITS))
        print(f"{HASHES} hashes {name} against {OTHERS}: {seconds:.1f} s, {near.mean():.1%} near, {peak()}")


def read_index(folder: Path) -> None:
    """Bytes of a row in the file and in memory."""
    with (folder / INDEX).open("w") as index:
        index.write(",".join(COLUMNS) + "\n")
        for row in range(INDEXED):
            name, frame = f"camera_{row // 9000:02d}/2026-11-01T00", row % 9000
            facts = f"{frame / 15:.6f},320,240,123.456,{row * 0x9E3779B97F4A7C15 % 2**64:016x}"
            index.write(f"{name}.avi,{frame},{facts},{name.replace('/', '%2F')}.avi-000000.tar,{frame * 10000},9500\n")
    before = psutil.Process().memory_info().rss
    seconds, store = timed(lambda: FrameStore(folder))
    held = psutil.Process().memory_info().rss - before
    size = (folder / INDEX).stat().st_size
    print(f"index of {len(store)} frames: {size / INDEXED:.0f} bytes a frame in the file", end=", ")
    print(f"{held / INDEXED:.0f} in memory, {seconds:.1f} s, {peak()}")


def draw_map() -> None:
    """Seconds of a map."""
    embeddings = np.random.default_rng(0).normal(size=(MAPPED, DIMENSIONS)).astype(np.float32)
    seconds, _ = timed(lambda: map_of(embeddings))
    print(f"map of {MAPPED} embeddings: {seconds:.1f} s, {1000 * seconds / MAPPED:.2f} ms a frame")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--embeddings", type=int, nargs="+", default=[])
    parser.add_argument("--chosen", type=int, default=CHOSEN)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for count in given.embeddings:
            read_by_parts(Path(folder), count, given.chosen)
        if given.embeddings:
            return
        read_index(Path(folder))
        compare_hashes()
        draw_map()
        compare_coresets(Path(folder))


if __name__ == "__main__":
    main()
