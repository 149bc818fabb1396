"""`/audiences/{id}/members`, an extension: who is in an external audience, uploaded as identities in CSV or JSON.

CSV has a column for each namespace, named in its first line; JSON is a list of `{"namespace", "id"}`, or an object with
`identities`, `mode` (add, remove, replace) and `ttlInDays`. Members leave again after the audience's `ttlInDays`.
"""

import csv
import io
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from houselights.apis.adobe.audiences.fields import TTL_DAYS
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.audiences.translate import is_made_here, kept_of
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.errors import INVALID, UNREADABLE, Refusal
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.wire import present, reply
from houselights.base.clock import iso_instant
from houselights.base.errors import InvalidInput, TooLarge
from houselights.services.house import House
from houselights.services.uploads import Mode

PATH = f"{UPS}/audiences/{{audience_id}}/members"
BYTES_MOST = 64 << 20
Asks = Annotated[Visit, Depends(visit_of)]
Given = list[tuple[str, str]]


class MemberRoutes:
    """The endpoint."""

    def __init__(self, house: House, shelf: Shelf):
        self._house = house
        self._shelf = shelf

    async def upload(
        self, request: Request, visit: Asks, audience_id: str, mode: str = "", days: int | None = None
    ) -> Response:
        """Add members to an external audience, take some away, or replace them all."""
        chunks, size = [], 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > BYTES_MOST:
                raise TooLarge(f"an upload has at most {BYTES_MOST >> 20} MiB; send several")
            chunks.append(chunk)
        return await run_in_threadpool(self._take, visit, audience_id, b"".join(chunks), mode, days)

    def _take(self, visit: Visit, audience_id: str, body: bytes, mode: str, days: int | None) -> Response:
        audience = self._shelf.get(visit.guest, audience_id)
        if not is_made_here(audience):
            raise Refusal(400, INVALID, f'"{audience.name}" was made through another API, and is fed there')
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refusal(400, UNREADABLE, f"the upload is not UTF-8: {error.reason}") from error
        options: Mapping[str, Any] = {}
        if visit.content_type == "text/csv":
            given = from_csv(text)
        else:
            given, options = from_json_text(text)
        chosen = str(options.get("mode", mode) or Mode.ADD)
        if chosen not in set(Mode):
            raise InvalidInput(f"mode is one of {', '.join(Mode)}", field="mode")
        lasting = options.get("ttlInDays", days)
        if lasting is None:
            lasting = kept_of(audience).get("ttlInDays") or TTL_DAYS
        if not str(lasting).isdigit() or not 1 <= int(lasting) <= 3650:
            raise InvalidInput("ttlInDays is a number of days from 1 to 3650", field="ttlInDays")
        done = self._house.uploads.put(visit.guest.caller, audience, given, mode=Mode(chosen), days=int(lasting))
        return reply(
            present(
                uploadId=done.upload_id,
                received=done.received,
                unmatched=done.unmatched,
                added=done.added,
                removed=done.removed,
                members=done.members,
                validUntil=None if done.expires_at is None else iso_instant(done.expires_at),
            )
        )


def from_csv(text: str) -> Given:
    """Read a table whose header names namespaces; empty cells are no identities."""
    rows = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(rows, [])]
    if not header or not all(header):
        raise Refusal(400, UNREADABLE, "the first line names the namespace of each column, such as email")
    return [(name, cell) for row in rows for name, cell in zip(header, row, strict=False) if cell.strip()]


def from_json_text(text: str) -> tuple[Given, Mapping[str, Any]]:
    """Read a list of identities, or an object that has one and options beside it."""
    try:
        sent = json.loads(text)
    except ValueError as error:
        raise Refusal(400, UNREADABLE, f"the body is not valid JSON: {error}") from error
    options: Mapping[str, Any] = sent if isinstance(sent, dict) else {}
    items = options.get("identities") if isinstance(sent, dict) else sent
    if not isinstance(items, list):
        raise Refusal(400, UNREADABLE, 'expected {"identities": [{"namespace": "email", "id": "…"}]}')
    given: Given = []
    for place, item in enumerate(items):
        is_pair = isinstance(item, dict) and all(isinstance(item.get(name), str) for name in ("namespace", "id"))
        if not is_pair:
            raise Refusal(400, UNREADABLE, "an identity has a namespace and an id", field=f"identities[{place}]")
        given.append((item["namespace"], item["id"]))
    return given, options


def routes(house: House, shelf: Shelf) -> APIRouter:
    """Return the router of members."""
    router = APIRouter(tags=["Audiences"])
    router.add_api_route(PATH, MemberRoutes(house, shelf).upload, methods=["POST"])
    return router
