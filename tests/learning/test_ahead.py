"""Batches are made in a thread, and nothing else changes: same items, same draws, same errors."""

import threading
from contextlib import closing
from itertools import islice

import pytest

from tinyinspect.learning.ahead import ahead


def test_the_same_items_in_the_same_order_from_one_other_thread():
    makers = []

    def items():
        for number in range(5):
            makers.append(threading.current_thread())
            yield number

    assert list(ahead(items())) == [0, 1, 2, 3, 4]
    assert len(set(makers)) == 1 and makers[0] is not threading.current_thread()


def test_the_next_item_is_made_while_this_one_is_in_use():
    made = [threading.Event() for _ in range(3)]

    def items():
        for event in made:
            event.set()
            yield event

    with closing(ahead(items())) as coming:
        next(coming)
        assert made[1].wait(timeout=30)  # before it is asked for
        assert not made[2].is_set()


def test_an_error_is_raised_where_the_item_was_due():
    def items():
        yield 1
        raise ValueError("no picture")

    coming = ahead(items())
    assert next(coming) == 1
    with pytest.raises(ValueError, match="no picture"):
        next(coming)


def test_who_stops_early_leaves_no_thread():
    before = threading.active_count()
    with closing(ahead(iter(range(100)))) as coming:
        assert list(islice(coming, 3)) == [0, 1, 2]
    assert threading.active_count() == before
