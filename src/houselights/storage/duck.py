"""Stops what DuckDB is doing when its time is up or it is no longer wanted. Knows no tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

import duckdb

INTERRUPT_SECONDS = 0.005
LOOK_SECONDS = 0.05  # how often somebody may change their mind


@contextmanager
def deadline(connection: duckdb.DuckDBPyConnection, seconds: float, cancel: Event | None = None) -> Iterator[None]:
    """Interrupt whatever the connection is doing once the time is up or `cancel` is set, until it has stopped."""
    done = Event()

    def watch() -> None:
        end = monotonic() + seconds
        look = seconds if cancel is None else LOOK_SECONDS
        while not done.wait(max(0.0, min(look, end - monotonic()))):
            if monotonic() >= end or (cancel is not None and cancel.is_set()):
                break
        while not done.wait(INTERRUPT_SECONDS):  # one that comes between two statements is lost
            connection.interrupt()

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
