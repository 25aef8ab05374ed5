"""The frames and outputs that the tests of the evaluation share."""

from tests.evaluation.conftest import outputs, test_frames

__all__ = ["outputs", "test_frames"]
