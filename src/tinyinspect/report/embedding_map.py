"""The embedding map of the report: where each frame lies, and what is known of it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.recordings.store import FrameStore
from tinyinspect.report.thumbnails import SIDE_ON_MAP, thumbnail
from tinyinspect.selection.dataset import picture_name

MOST = 1500  # frames on the map; a million would not fit into a page
UNKNOWN = "not labelled"


def map_data(
    store: FrameStore, points: NDArray[np.float32], predictions: pd.DataFrame, trained_on: pd.DataFrame
) -> dict[str, list[Any]]:
    """Columns x, y, name, recording, split, class, result and picture of the frames that are shown.

    All frames of the dataset are shown, and others evenly over the recordings, 1500 in all where there are that many.

    Args:
        store: n frames.
        points: their map, (n, 2).
        predictions: of the test frames.
        trained_on: frames of training and validation.
    """
    index = store.index
    names = [picture_name(one, int(two)) for one, two in zip(index["recording"], index["frame"], strict=True)]
    table = pd.DataFrame({"name": names, "recording": index["recording"]})
    tested = predictions.drop_duplicates("picture").set_index("picture")
    trained = trained_on.drop_duplicates("picture").set_index("picture")
    table["split"] = (
        table["name"]
        .map(trained["split"])
        .fillna(table["name"].isin(tested.index).map({True: "test", False: "neither"}))
    )
    table["class"] = table["name"].map(trained["truth"]).fillna(table["name"].map(tested["truth"])).fillna(UNKNOWN)
    right = (tested["truth"] == tested["answer_camera"]).map({True: "right", False: "wrong"})
    table["result"] = table["name"].map(right).fillna("not tested")
    shown = _shown(table["split"].to_numpy() != "neither")
    drawn = table.iloc[shown]
    return {
        "x": points[shown, 0].round(3).tolist(),
        "y": points[shown, 1].round(3).tolist(),
        **{column: drawn[column].tolist() for column in drawn.columns},
        "picture": [thumbnail(store.picture(row), SIDE_ON_MAP) for row in shown.tolist()],
    }


def _shown(first: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows to show: those of ``first``, (n,), then others evenly."""
    chosen, others = np.flatnonzero(first), np.flatnonzero(~first)
    room = min(max(MOST - len(chosen), 0), len(others))
    even = others[np.linspace(0, len(others) - 1, room).astype(int)] if room else others[:0]
    return np.sort(np.concatenate([chosen, even]))
