import pytest

from tests.evaluation.shapes import MODELS, SIZE, frames
from tinyinspect.evaluation.runtimes import outputs_of_all
from tinyinspect.selection.labelled import Labelled


@pytest.fixture(scope="session")
def test_frames() -> Labelled:
    return frames(20, seed=1)


@pytest.fixture(scope="session")
def outputs(test_frames):
    return outputs_of_all(MODELS, test_frames.views(SIZE))
