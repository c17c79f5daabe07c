"""The fence around libraries that parse what strangers made."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")

AT_ONCE = 256


@contextmanager
def fenced(reason: str) -> Iterator[None]:
    """Turn whatever a library raises on a damaged file into ValueError(reason).

    Its warnings are about the inside of the file and nothing that a person who has
    articles to read could act on.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:
        # No list would be complete: fuzzing brings out new kinds with every release.
        raise ValueError(reason) from error


def fenced_items(items: Iterator[Item], reason: str) -> Iterator[Item]:
    """Yield the items of a library's iterator, fetched inside the fence."""
    while True:
        # Some at once: the fence takes as long as a short row.
        with fenced(reason):
            found = list(islice(items, AT_ONCE))
        if not found:
            return
        yield from found
