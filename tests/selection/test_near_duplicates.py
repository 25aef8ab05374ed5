import numpy as np
import pytest
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.selection import near_duplicates as module
from tinyinspect.selection.near_duplicates import near_duplicates, parse_hashes

RNG = np.random.default_rng(0)


def hashes(count: int) -> NDArray[np.uint64]:
    return RNG.integers(0, 2**64, count, np.uint64, endpoint=False)


def flipped(of: NDArray[np.uint64], most: int) -> NDArray[np.uint64]:
    """Each hash with up to ``most`` bits of it changed."""
    changed = of.copy()
    for row in range(len(of)):
        for bit in RNG.permutation(64)[: RNG.integers(0, most + 1)]:
            changed[row] ^= np.uint64(1) << np.uint64(bit)
    return changed


def all_pairs(of: NDArray[np.uint64], others: NDArray[np.uint64], bits: int) -> list[bool]:
    return [any((int(one) ^ int(other)).bit_count() <= bits for other in others) for one in of]


FAR = hashes(60)
CLUSTER = flipped(np.repeat(hashes(1), 60), 8)  # a camera that sees one scene


@pytest.mark.parametrize("bits", [0, 1, 2, 3, 4, 5, 7, 8, 11, 15, 16, 30, 64])
@pytest.mark.parametrize("others", [FAR, CLUSTER, np.concatenate([FAR, CLUSTER])], ids=["far", "cluster", "both"])
def test_the_answer_is_that_of_all_pairs(bits: int, others: NDArray[np.uint64]) -> None:
    asked = np.concatenate([hashes(40), flipped(others, min(2 * bits + 2, 64)), others[:3]])
    assert near_duplicates(asked, others, bits).tolist() == all_pairs(asked, others, bits)


@pytest.mark.parametrize("worth", [0, 10**9], ids=["tables alone", "pairs alone"])
def test_it_is_the_same_in_small_chunks(monkeypatch: pytest.MonkeyPatch, worth: int) -> None:
    monkeypatch.setattr(module, "CHUNK", 50)
    monkeypatch.setattr(module, "WORTH_IT", worth)
    others = np.concatenate([FAR, CLUSTER])
    asked = np.concatenate([hashes(40), flipped(others, 9)])
    for bits in (0, 4, 6):
        assert near_duplicates(asked, others, bits).tolist() == all_pairs(asked, others, bits)


def test_nothing_to_be_near_to() -> None:
    for bits in (4, 40):
        assert near_duplicates(np.zeros(2, np.uint64), np.zeros(0, np.uint64), bits).tolist() == [False, False]
        assert near_duplicates(np.zeros(0, np.uint64), np.zeros(2, np.uint64), bits).tolist() == []


def test_hashes_are_hex() -> None:
    assert parse_hashes(["ffffffffffffffff", "000000000000000a"]).tolist() == [2**64 - 1, 10]


def test_hashes_that_were_not_computed() -> None:
    with pytest.raises(InputError, match=r"set extract\.quality to true"):
        parse_hashes(["00000000000000ff", ""])
