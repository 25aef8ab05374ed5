import numpy as np
import pytest

from tinyinspect.errors import InputError
from tinyinspect.learning.features import NO_FEATURES, Features, read_features, taught_share


def test_what_is_written_is_read(tmp_path):
    Features(["a-000001.jpg", "b-000002.jpg"], np.array([[1, 0.5], [2, 3]], np.float32), 1).write(tmp_path / "f.npz")
    found = read_features(tmp_path / "f.npz")
    assert found.names == ["a-000001.jpg", "b-000002.jpg"] and found.labels == 1
    assert found.of(["b-000002.jpg"]).tolist() == [[2, 3]]
    NO_FEATURES.write(tmp_path / "none.npz")
    assert read_features(tmp_path / "none.npz").names == []


def test_the_same_features_are_the_same_bytes(tmp_path):
    features = Features(["a"], np.ones((1, 4), np.float32), 1)
    for name in ("a", "b"):
        features.write(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_such_thing_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "f.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"f.npz is missing or damaged .*; run `dvc repro --force teach`"):
        read_features(tmp_path / "f.npz")


def test_few_labels_are_taught_most_and_nothing_without_features():
    assert NO_FEATURES.share == 0 and Features(["a", "b"], np.ones((2, 4), np.float32), 1).share == 0.5
    assert [taught_share(labels) for labels in (3, 50, 75, 100, 5000)] == [0.5, 0.5, 0.25, 0, 0]
