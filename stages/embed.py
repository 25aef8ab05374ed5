"""Embeddings of all frames from the backbone, with a map of them in two dimensions."""

from pathlib import Path

import numpy as np

from tinyinspect.config.device import Device
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder
from tinyinspect.learning.encoder import load_encoder
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.embeddings import draw_map, embed_frames, map_of, read_embeddings


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    train: Device


def main() -> None:
    """Read frames and the backbone, write ``embeddings/``."""
    params = load(Path("params.yaml"), Inputs)
    store = FrameStore(Path("frames"))
    encode, input_size = load_encoder(Path("models/backbone.safetensors"), params.train.device)
    with complete_folder(Path("embeddings")) as folder:
        embed_frames(store, encode, input_size, folder / "embeddings.npy")
        points = map_of(read_embeddings(folder / "embeddings.npy"))
        np.save(folder / "map.npy", points)
        draw_map(points, store.index["recording"].to_numpy(), folder / "map.png")
    print(f"embedded {len(store)} frames of {store.index['recording'].nunique()} recordings")


if __name__ == "__main__":
    with reported():
        main()
