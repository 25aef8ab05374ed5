import numpy as np
import pytest
from PIL import Image

from tests.evaluation.shapes import CLASSES
from tests.tasks.gate.gates import RUNTIMES, embeddings_of, gate, pictures, scores
from tinyinspect.evaluation.histogram import _coloured, draw_scores
from tinyinspect.evaluation.scored import Scored, TestSet
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.measures import score as score_classifier
from tinyinspect.tasks.gate.measures import score


@pytest.fixture(scope="module")
def of_gate() -> Scored:
    return score(dict.fromkeys(RUNTIMES, embeddings_of(scores())), pictures(), gate(), 0)


@pytest.fixture
def of_classifier(outputs, test_frames) -> Scored:
    limits = ScoreLimits(temperature=1, min_score=0.5, unsure_below=0.5, held_out=9, error_rate=0, counted=1)
    return score_classifier(outputs, TestSet(test_frames, CLASSES, np.full(60, ""), np.zeros(60, bool)), limits, 0)


def test_groups_keep_their_order_and_no_two_look_alike(of_gate, of_classifier):
    for scored in (of_gate, of_classifier):
        groups = _coloured(scored)
        assert list(groups) == list(scored.groups)
        assert all(np.array_equal(mine, scored.groups[name]) for name, (mine, _) in groups.items())
        assert len({colour for _, colour in groups.values()}) == len(groups)


@pytest.mark.parametrize("kind", ["of_gate", "of_classifier"])
def test_the_same_scores_give_the_same_picture(kind, request, tmp_path):
    for name in ("a.png", "b.png"):
        draw_scores(request.getfixturevalue(kind), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width == 990
