import numpy as np
import pytest

from tinyinspect.errors import InputError
from tinyinspect.selection import near_duplicates
from tinyinspect.selection.near_duplicates import distance_to_nearest, parse_hashes


def test_distance_to_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "CHUNK", 100)  # so that several chunks are needed
    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, 2**64, count, np.uint64, endpoint=False) for count in (30, 17))
    expected = [min(bin(int(one) ^ int(other)).count("1") for other in second) for one in first]
    assert distance_to_nearest(first, second).tolist() == expected


def test_nothing_to_be_near_to() -> None:
    assert distance_to_nearest(np.zeros(2, np.uint64), np.zeros(0, np.uint64)).tolist() == [65, 65]
    assert distance_to_nearest(np.zeros(0, np.uint64), np.zeros(2, np.uint64)).tolist() == []


def test_hashes_are_hex() -> None:
    assert parse_hashes(["ffffffffffffffff", "000000000000000a"]).tolist() == [2**64 - 1, 10]


def test_hashes_that_were_not_computed() -> None:
    with pytest.raises(InputError, match=r"set extract\.quality to true"):
        parse_hashes(["00000000000000ff", ""])
