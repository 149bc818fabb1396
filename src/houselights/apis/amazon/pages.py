"""`nextToken`: where a list goes on. Refuses tokens that are forged, over eight hours old, or of another request.

A token carries the place reached, the instant of the *first* request, because eight hours count from there, and the
fingerprint of everything that was asked. Ranked lists remember the last row given, not a number of rows: if the data is
refreshed between two pages, the next page still begins right after that rank, and the token keeps the life the vendor
promises it. Listings in the order of creation only grow at the end, and count rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from houselights.apis.amazon.door import Visit
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.base.errors import InvalidInput
from houselights.base.paging import request_fingerprint
from houselights.services.house import House

LIFE_SECONDS = 8 * 3600
Row = TypeVar("Row")
# What rows are ordered by, ascending and unique; only numbers and strings, so that it survives a token.
Key = tuple[float | int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thread:
    """The thread of pages that one request began."""

    house: House
    fingerprint: str
    first_asked: datetime
    place: Any = None

    def token(self, place: Any) -> str:
        """Write the token that goes on at `place`."""
        tokens = self.house.pages
        age_seconds = (tokens.clock.now() - self.first_asked).total_seconds()
        payload = {"place": place, "at": self.first_asked.isoformat()}
        return tokens.issue(payload, LIFE_SECONDS - age_seconds, fingerprint=self.fingerprint)


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
    request = {
        "operation": visit.operation.path,
        "workspace": visit.caller.workspace.id,
        "account": visit.caller.account_id,
        "asked": [part.model_dump(mode="json") if isinstance(part, BaseModel) else part for part in asked],
    }
    fingerprint = request_fingerprint(request)
    if not token:
        return _Thread(house=house, fingerprint=fingerprint, first_asked=house.pages.clock.now())
    try:
        payload = house.pages.read(token, fingerprint=fingerprint, field="nextToken")
    except InvalidInput as error:
        message = error.message if error.hint is None else f"{error.message}: {error.hint}"
        raise Rejected([Detail(Kind.INVALID, message, "nextToken")]) from error
    first_asked = datetime.fromisoformat(payload["at"])
    return _Thread(house=house, fingerprint=fingerprint, first_asked=first_asked, place=payload["place"])
