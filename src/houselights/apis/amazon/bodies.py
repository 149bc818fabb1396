"""Bodies of thousands of records: read up to their limit, decoded by msgspec, refused with the place of the fault.

Everything else is read by FastAPI and pydantic; an upload of records would spend longer there than in the database.
"""

import re
from functools import cache
from typing import Any, TypeVar

import msgspec
from fastapi import Request

from houselights.apis.amazon import wording
from houselights.apis.amazon.door import Visit
from houselights.apis.amazon.errors import Detail, Kind, Rejected

Body = TypeVar("Body")
NO_JSON = "the body is not valid JSON:"
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(?P<path>.*)`$")
_LIMIT = re.compile(r" of length | [<>]=? ")
_MISSING = re.compile(r"Object missing required field `(\w+)`")


async def body_of(request: Request, visit: Visit) -> bytes:
    """Return the whole body. Raises TooLarge as soon as it is over the operation's limit."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > visit.size.bytes_most:
            raise visit.operation.refuse(visit.size)
        parts.append(part)
    return b"".join(parts)


def decoded(decoder: "msgspec.json.Decoder[Body]", body: bytes, *, malformed: str = NO_JSON) -> Body:
    """Return the body as the decoder's type. Raises Rejected for text that is no JSON, or for the first wrong value.

    `malformed` is how the product says the former; why follows.
    """
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:  # the rest of the body has not been read yet, and may be no JSON
            raise Rejected([_detail(error, decoder.type, msgspec.json.decode(body))]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected([Detail(Kind.INVALID, f"{malformed} {error}")]) from error


def _detail(error: msgspec.ValidationError, kind: Any, content: object) -> Detail:
    """Turn msgspec's finding ("Expected `str`, got `int` - at `$.records[3].externalId`") into words of the request."""
    text = str(error)
    place = _PLACE.search(text)
    path = place["path"] if place else ""
    message = text[: place.start()] if place else text
    missing = _MISSING.fullmatch(message)
    if missing is not None:
        return Detail(Kind.INVALID, "the field is required", f"{path}.{missing[1]}".lstrip("."))
    steps = wording.steps(path)
    schema = wording.at(_schema(kind), steps)
    if schema is None:  # a key of an object, or another thing that no schema words
        return Detail(Kind.INVALID, message.replace("`", "'"), path or None)
    found = wording.found(wording.value_at(content, steps))
    wrong = Kind.OUT_OF_RANGE if _LIMIT.search(message) else Kind.INVALID
    return Detail(wrong, f"expected {wording.expected(schema)}, found {found}", path or None)


@cache
def _schema(kind: Any) -> dict[str, Any]:
    return _inlined(msgspec.json.schema(kind))


def body_documented(kind: Any, *media_types: str) -> dict[str, Any]:
    """Return FastAPI's `openapi_extra` for a body that FastAPI does not read itself."""
    schema = _schema(kind)
    return {"requestBody": {"required": True, "content": {each: {"schema": schema} for each in media_types}}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with every reference replaced by what it refers to; the types of bodies are no circles."""
    shapes = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            return resolved(shapes[name]) if name else {key: resolved(value) for key, value in node.items()}
        return [resolved(item) for item in node] if isinstance(node, list) else node

    whole: dict[str, Any] = resolved(schema)
    return whole
