"""`nextToken`: where a list goes on. Refuses tokens that are forged, over eight hours old, or of another request.

A token carries the place reached, the instant of the *first* request, because eight hours count from there, and a
digest of everything that was asked. Ranked lists remember the last row given, not a number of rows: if the data is
refreshed between two pages, the next page still begins right after that rank, and the token keeps the life the vendor
promises it. Listings in the order of creation only grow at the end, and count rows.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel

from houselights.apis.amazon.door import Visit
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.base.errors import InvalidInput
from houselights.services.house import House

LIFE_SECONDS = 8 * 3600
Row = TypeVar("Row")
# What rows are ordered by, ascending and unique; only numbers and strings, so that it survives a token.
Key = tuple[float | int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thread:
    """The thread of pages that one request began."""

    house: House
    digest: str
    first_asked: datetime
    place: Any = None

    def token(self, place: Any) -> str:
        """Write the token that goes on at `place`."""
        age = (self.house.clock.now() - self.first_asked).total_seconds()
        payload = {"place": place, "of": self.digest, "at": self.first_asked.isoformat()}
        return self.house.pages.issue(payload, ttl_seconds=max(1, int(LIFE_SECONDS - age)))


@dataclass(frozen=True, slots=True)
class Pager:
    """Pages of a ranked list."""

    thread: _Thread

    def page(self, rows: Sequence[Row], key: Callable[[Row], Key], size: int) -> tuple[list[Row], str | None]:
        """Return the next `size` rows by ascending key, and the token for what follows, None at the end."""
        ordered = sorted(rows, key=key)
        if self.thread.place is not None:
            after = tuple(self.thread.place)
            ordered = [row for row in ordered if key(row) > after]
        shown = ordered[:size]
        more = len(ordered) > size
        return shown, self.thread.token(list(key(shown[-1]))) if more else None


@dataclass(frozen=True, slots=True)
class OffsetPager:
    """Pages of a list in the order of creation."""

    thread: _Thread

    @property
    def offset(self) -> int:
        """How many rows were given before."""
        return int(self.thread.place or 0)

    def token(self, given: int, total: int) -> str | None:
        """Return the token after giving this many more rows of `total`, None at the end."""
        reached = self.offset + given
        return self.thread.token(reached) if given and reached < total else None


def pager(house: House, visit: Visit, token: str | None, *asked: Any) -> Pager:
    """Open the pages of a ranked list; `asked` is all that must stay the same from page to page.

    Raises Rejected, naming `nextToken`.
    """
    return Pager(_thread(house, visit, token, *asked))


def offset_pager(house: House, visit: Visit, token: str | None, *asked: Any) -> OffsetPager:
    """Open the pages of a list in the order of creation. Raises Rejected, naming `nextToken`."""
    return OffsetPager(_thread(house, visit, token, *asked))


def _thread(house: House, visit: Visit, token: str | None, *asked: Any) -> _Thread:
    """Begin a thread, or take it up where the token left it."""
    digest = digest_of(visit, *asked)
    if not token:
        return _Thread(house=house, digest=digest, first_asked=house.clock.now())
    try:
        payload = house.pages.read(token)
    except InvalidInput as error:
        raise Rejected([Detail(Kind.INVALID, error.message, "nextToken")]) from error
    if payload.get("of") != digest:
        why = "this token belongs to another request: repeat the request that it came from, with nothing else changed"
        raise Rejected([Detail(Kind.INVALID, why, "nextToken")])
    first_asked = datetime.fromisoformat(payload["at"])
    return _Thread(house=house, digest=digest, first_asked=first_asked, place=payload["place"])


def digest_of(visit: Visit, *asked: Any) -> str:
    """Digest who asks for what: the operation, the accounts, and every part of the request given."""
    parts: list[Any] = [visit.operation.path, visit.caller.workspace.id, visit.account.id]
    parts += [part.model_dump(mode="json") if isinstance(part, BaseModel) else part for part in asked]
    return hashlib.blake2b(msgspec.json.encode(parts, order="deterministic"), digest_size=16).hexdigest()
