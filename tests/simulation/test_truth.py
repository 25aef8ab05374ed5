import numpy as np
import pytest

from tinyinspect.simulation.truth import Label, label

HEIGHT, WIDTH = 240, 320


def covered(part: float) -> np.ndarray:
    """A mask that reaches from the left over this part of the middle square, and leaves the tray's walls free."""
    body = np.zeros((HEIGHT, WIDTH), np.float32)
    body[15:205, : 40 + round(part * 240)] = 1
    return body


def spot(x: int) -> np.ndarray:
    evidence = np.zeros((HEIGHT, WIDTH), np.float32)
    evidence[100:105, x : x + 4] = 1 / 20
    return evidence


NOTHING = np.zeros((HEIGHT, WIDTH), np.float32)


@pytest.mark.parametrize(
    ("part", "expected"), [(0, Label.NO_MASK), (0.49, Label.NO_MASK), (0.51, Label.GOOD), (1, Label.GOOD)]
)
def test_mask_counts_from_half_of_the_picture_on(part, expected):
    assert label(covered(part), NOTHING) is expected


def test_half_is_counted_along_the_line_whichever_end_comes_first():
    assert label(covered(0.51)[:, ::-1], NOTHING) is Label.GOOD
    assert label(covered(0.49)[:, ::-1], NOTHING) is Label.NO_MASK


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (150, Label.DEFECTIVE),
        (39, Label.DEFECTIVE),
        (37, Label.GOOD),
        (10, Label.GOOD),
        (277, Label.DEFECTIVE),
        (279, Label.GOOD),
    ],
)
def test_defect_counts_when_half_of_it_is_in_the_window(x, expected):
    assert label(covered(1.17), spot(x)) is expected


def test_defect_of_a_mask_that_does_not_count_is_no_mask():
    assert label(covered(0.3), spot(60)) is Label.NO_MASK
