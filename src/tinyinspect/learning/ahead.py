"""The second core: a thread makes the next batch while the network learns from this one.

A second OpenMP thread gives small networks nothing, and where other processes share the cores, the two wait for each
other. Augmentation needs no answer of the network, so it runs beside it, with the same draws in the same order.
"""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items in the same order, each made in a thread while the caller is at work on the one before.

    Args:
        items: made in that thread alone; an error there is raised here, where the item was due.
    """
    end = object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, items, end)
            yield item  # type: ignore[misc]  # it is not the end
