"""Pages of lists as most of this API writes them: `children`, `_page` with a number of the page, `_links`.

`start` counts pages, not items: the vendor's text calls it an offset, its samples and its client count pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from houselights.base.errors import InvalidInput

LIMIT_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which page is asked for: the `start`-th of `limit` items, by a field and, where that is equal, by others."""

    start: int
    limit: int
    sort_field: str
    sort: str = "desc"
    then: Sequence[tuple[str, str]] = ()

    def of(self, items: Sequence[Any]) -> Sequence[Any]:
        """Return the items of this page."""
        return items[self.start * self.limit : (self.start + 1) * self.limit]

    def described(self, path: str, total: int, shown: int, kept: Mapping[str, str]) -> dict[str, Any]:
        """Return `_page` and `_links`. The last page has no `next`: clients ask for as long as there is one."""
        pages = -(-total // self.limit)
        page = {
            "totalCount": total,
            "totalPages": pages,
            "pageSize": shown,
            "limit": self.limit,
            "start": str(self.start),
            "sortField": self.sort_field,
            "sort": self.sort,
        }
        if self.start + 1 >= pages:
            return {"_page": page, "_links": {"next": {}}}
        following = str(self.start + 1)
        query = urlencode({**kept, "start": following, "limit": self.limit, "totalCount": total})
        return {"_page": {**page, "next": following}, "_links": {"next": {"href": f"@{path}?{query}"}}}


def asked_page(
    start: int, limit: int, sort: str | None, fields: Sequence[str], default: str, *, most: int = LIMIT_MOST
) -> Page:
    """Read the page's parameters; `sort` is `field:asc` or `field:desc`, or several of them with commas between.

    Raises InvalidInput for a negative start, a limit out of range, or a field that cannot be sorted by.
    """
    if start < 0:
        raise InvalidInput("start is a page number, from 0 on", field="start")
    if not 1 <= limit <= most:
        raise InvalidInput(f"limit is from 1 to {most}", field="limit")
    first, *then = (_order(each.strip(), fields) for each in (sort or default).split(","))
    return Page(start=start, limit=limit, sort_field=first[0], sort=first[1], then=then)


def _order(text: str, fields: Sequence[str]) -> tuple[str, str]:
    field, _, direction = text.partition(":")
    if field not in fields:
        raise InvalidInput(f'cannot sort by "{field}"', field="sort", hint=f"sort by one of {', '.join(fields)}")
    if direction not in {"asc", "desc", ""}:
        raise InvalidInput('the order is "asc" or "desc"', field="sort", hint="such as updateTime:desc")
    return field, direction or "asc"


def flag(text: str | None, field: str) -> bool | None:
    """Read a flag of the query: the vendor's client writes Python's `True`. Raises InvalidInput for anything else."""
    if text is None or text == "":
        return None
    if text.lower() not in {"true", "false"}:
        raise InvalidInput(f'"{text}" is neither true nor false', field=field)
    return text.lower() == "true"
