"""Every reader of what a stage left for a later one: missing, cut off, foreign, or a folder is one sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tinyinspect.device.verdict_text import read_layer_costs
from tinyinspect.errors import InputError, machine_fault
from tinyinspect.evaluation import predictions
from tinyinspect.labelling.session import read_selection as read_selected_rows
from tinyinspect.recordings.store import INDEX, FrameStore
from tinyinspect.report.thumbnails import sheet
from tinyinspect.selection.dataset import read_selection
from tinyinspect.selection.embeddings import read_embeddings, read_map
from tinyinspect.tasks.gate.deciding.centroid_and_threshold import read_held_out
from tinyinspect.tracking.runs import read_curves

NO_FRAMES = pd.DataFrame({"recording": [], "frame": []})
READERS: list[Callable[[Path], Any]] = [
    read_layer_costs,
    lambda path: read_curves(path.parent / "none", path),
    lambda path: read_selection(path, NO_FRAMES),
    lambda path: read_selected_rows(path, None),
    lambda path: FrameStore(path.parent),
    lambda path: read_embeddings(path),
    lambda path: read_map(path, 3),
    lambda path: sheet(path, 100),
    read_held_out,
    predictions.read_predictions,
    predictions.read_trained_on,
]
CONTENTS = {
    "cut off": b"recording,frame\nA.avi,",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "binary": bytes(range(256)),
    "other columns": b"a,b\n1,2\n",
    "words": b"recording,frame,split\nA.avi,one,train\n",
    "an open quote": b'recording,frame\n"A.avi,1\n',
    "array of another kind": b"\x93NUMPY\x01\x00",
}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("content", CONTENTS)
def test_what_no_stage_wrote_is_one_sentence(read, content, tmp_path):
    path = tmp_path / INDEX
    path.write_bytes(CONTENTS[content])
    with pytest.raises(InputError) as told:
        read(path)
    assert str(tmp_path) in str(told.value) and "run `dvc repro" in str(told.value)


@pytest.mark.parametrize("read", READERS)
def test_a_folder_in_its_place_is_one_sentence(read, tmp_path):
    (tmp_path / INDEX).mkdir()
    try:
        read(tmp_path / INDEX)
    except (InputError, OSError) as error:
        assert str(tmp_path) in str(error if isinstance(error, InputError) else machine_fault(error))
    else:
        assert read is READERS[3]  # where nothing is selected yet, there is no file


def test_a_map_of_other_frames_is_told(tmp_path):
    np.save(tmp_path / "map.npy", np.zeros((4, 2), np.float32))
    with pytest.raises(InputError, match="was made from other frames"):
        read_map(tmp_path / "map.npy", 3)
