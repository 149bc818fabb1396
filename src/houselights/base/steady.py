"""Keeps a long-lived process from pausing to look for garbage among what it will hold for all its life."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def steady() -> Iterator[None]:
    """Leave everything that is there now out of garbage collection, until the block ends.

    A full collection walks all objects there are, and modules, routes and catalogues are half a million: 200 ms, which
    a request of thousands of records brings about every time. For processes that do one thing; a test would never let
    go of what it made before.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
