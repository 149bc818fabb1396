"""What happens to whoever reads an older version while an erasure deletes its files: nothing else deletes any."""

from collections.abc import Iterator
from contextlib import contextmanager

from houselights.base.errors import Unavailable


class Superseded(Unavailable):
    """The version asked for was the newest a moment ago, and its files have been deleted since: ask for the newest."""


@contextmanager
def undeleted() -> Iterator[None]:
    """Read files of the lake inside. Raises Superseded when one of them is gone."""
    try:
        yield
    except FileNotFoundError as error:
        raise Superseded("a file that was asked for has been deleted since; ask again") from error
