"""`/uploads`: send a list of ids, in one request or by a link, and read what was in it; `/downloads`: fetch one.

A file is read as it comes and never held in memory. Links are signed and end; they need no token, as the programs that
send and fetch files often have none.
"""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message

from houselights.apis.statsocial.door import caller_of
from houselights.apis.statsocial.errors import Fault, Rejected
from houselights.apis.statsocial.files.told import invited, upload_told
from houselights.apis.statsocial.operation import BASE, JSON_BYTES
from houselights.apis.statsocial.wire import body_of, reply
from houselights.base.errors import InvalidInput, TooLarge
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.id_lists.id_lists import IdList, Receiving

CallerIn = Annotated[Caller, Depends(caller_of)]
PIECE_BYTES = 1 << 20
AROUND_BYTES = 1 << 20  # of a form around its file
FIELDS_MOST = 20
UNSAID = "application/x-www-form-urlencoded"  # what curl calls a body that it was told nothing of


def routes(house: House) -> APIRouter:
    """Return the routes of files."""
    router = APIRouter(prefix=BASE, tags=["files"])
    lists = house.id_lists

    @router.post("/uploads")
    async def send(request: Request, caller: CallerIn, type: Annotated[str | None, Query()] = None) -> Response:  # noqa: A002
        """Send a list of ids: a form with `type` and `file`, or the bare file with `?type=`. JSON, `{"type": …}`, asks
        for a link instead to which the file can be PUT.
        """
        _must_be_plain(request)
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type == UNSAID and type is None:
            content_type = "application/json"
        match content_type:
            case "multipart/form-data":
                return reply(upload_told(await _form(house, request, caller, type)))
            case "application/json" | "":
                kind = _type(await _json(request), type)
                invitation = await run_in_threadpool(lists.invite, caller, kind)
                return reply(invited(house, invitation))
            case _:
                receiving = await run_in_threadpool(lists.begin, caller, _type({}, type))
                return reply(upload_told(await _received(receiving, request.stream())))

    @router.put("/uploads/{link}")
    async def put(request: Request, link: str) -> Response:
        """Send the file that a link was made for."""
        _must_be_plain(request)
        receiving = await run_in_threadpool(lists.begin_invited, link)
        return reply(upload_told(await _received(receiving, request.stream())))

    @router.get("/uploads")
    def listed(caller: CallerIn) -> Response:
        """List the files that were sent, newest first."""
        return reply({"data": [upload_told(each) for each in lists.list(caller)]})

    @router.get("/uploads/{day}/{name}")
    def read(caller: CallerIn, day: str, name: str) -> Response:
        """Read what was in a file, and which of its lines were no ids."""
        return reply(upload_told(lists.get(caller, f"/uploads/{day}/{name}")))

    @router.delete("/uploads/{day}/{name}")
    def remove(caller: CallerIn, day: str, name: str) -> Response:
        """Delete a file. Audiences that were built from it stay as they are."""
        key = f"/uploads/{day}/{name}"
        lists.remove(caller, key)
        return reply({"key": key, "status": "deleted"})

    @router.get("/downloads/{link}", response_class=StreamingResponse)
    def fetch(link: str) -> Response:
        """Fetch the ids of an audience, one a line."""
        found = house.outputs.open(link)
        headers = {"Content-Disposition": f'attachment; filename="{found.name}"', "Cache-Control": "private, no-store"}
        return StreamingResponse(found.content, media_type="text/plain; charset=utf-8", headers=headers)

    return router


async def _received(receiving: Receiving, pieces: AsyncIterator[bytes]) -> IdList:
    """Take a file to its end. Raises what `Receiving` raises; nothing is kept then, nor when the sender hangs up."""
    try:
        async for piece in pieces:
            if piece:
                await run_in_threadpool(receiving.feed, piece)
        return await run_in_threadpool(receiving.finish)
    except ClientDisconnect as error:
        raise InvalidInput("the file is not whole") from error
    finally:
        await run_in_threadpool(receiving.abandon)


async def _form(house: House, request: Request, caller: Caller, kind: str | None) -> IdList:
    """Read a form with a file. Raises Rejected, TooLarge."""
    most, size = house.settings.files.bytes + AROUND_BYTES, 0

    async def counted() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > most:
            raise TooLarge(f"a list has at most {house.settings.files.bytes >> 20} MiB")
        return message

    async with Request(request.scope, counted).form(max_files=1, max_fields=FIELDS_MOST) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Rejected([Fault("send the list as a file in the field `file`", "file")])
        receiving = await run_in_threadpool(house.id_lists.begin, caller, _type(dict(form), kind))
        return await _received(receiving, _pieces(file))


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE_BYTES):
        yield piece


async def _json(request: Request) -> Any:
    """Read a small body of JSON. Raises TooLarge, InvalidInput."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > JSON_BYTES:
            raise TooLarge(f"a request has at most {JSON_BYTES >> 20} MiB")
    return json.loads(body_of(bytes(raw)))


def _type(content: Any, asked: str | None) -> str:
    """Return the type of ids that a request names. Raises Rejected when it names none."""
    found = content.get("type", asked) if isinstance(content, dict) else None
    if not isinstance(found, str) or not found:
        raise Rejected([Fault("say which type of ids is in the file", "type")])
    return found


def _must_be_plain(request: Request) -> None:
    """Raise InvalidInput for a body that is packed."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise InvalidInput("send the file without a content encoding", field="Content-Encoding")
