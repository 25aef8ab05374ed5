"""Embeddings of all frames from the backbone, with a map of them in two dimensions."""

from pathlib import Path

import numpy as np

from tinyinspect.config.device import Device
from tinyinspect.config.execution import Execution
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.errors import reported
from tinyinspect.execution.embedding import embeddings_of
from tinyinspect.files import complete_folder
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.embeddings import draw_map, map_of, read_embeddings, write_embeddings


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    train: Device


class Where(Section):
    """Read too, but no parameter of the stage to DVC: it changes no result."""

    execution: Execution


def main() -> None:
    """Read frames and the backbone, write ``embeddings/``."""
    params, where = load(Path("params.yaml"), Inputs), load(Path("params.yaml"), Where)
    store, backbone = FrameStore(Path("frames")), Path("models/backbone.safetensors")
    with complete_folder(Path("embeddings")) as folder:
        embeddings = embeddings_of(store, backbone, params.train.device, where.execution, folder)
        write_embeddings(embeddings, store, folder / "embeddings.npy")
        points = map_of(read_embeddings(folder / "embeddings.npy"))
        np.save(folder / "map.npy", points)
        draw_map(points, store.index["recording"].to_numpy(), folder / "map.png")
    print(f"embedded {len(store)} frames of {store.index['recording'].nunique()} recordings")


if __name__ == "__main__":
    with reported():
        main()
