"""The envelope of every success, and bodies as they come: JSON in which a comma before a bracket is one too many.

The vendor's own examples have such commas. Nothing else is mended: what is still no JSON is refused, with its place.
"""

import json
import re
from math import isfinite
from typing import Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from houselights.base.errors import InvalidInput, Span

JSON = "application/json"
VERSION = "0.0.1"
INFORMATION = {"version": VERSION}
DEEP_MOST = 50
UNKEPT = re.compile("[\x00\ud800-\udfff]")


class Asked(BaseModel):
    """Base of request shapes. Unknown fields are ignored, as the vendor's own examples need."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def reply(response: Any, status: int = 200) -> Response:
    """Write a success: what was asked for, in the envelope."""
    return written({"response": response, "information": INFORMATION}, status)


def written(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Write JSON as it is."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status_code=status, media_type=JSON, headers=headers)


def body_of(raw: bytes) -> bytes:
    """Return a body that is JSON, mended if that is enough. Raises InvalidInput with the place where it is none."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the body is not UTF-8: {error.reason} at byte {error.start}") from error
    if not text.strip():
        text = "{}"  # operations whose every field is optional are asked with nothing at all
    try:
        value = _parsed(text)
    except json.JSONDecodeError:
        text = without_trailing_commas(text)
        try:
            value = _parsed(text)
        except json.JSONDecodeError as error:
            span = Span(text, error.pos, error.pos + 1)
            where = f"line {error.lineno}, column {error.colno}"
            raise InvalidInput(f"the body is no JSON: {error.msg} at {where}", span=span) from error
    _must_be_kept(value)
    return text.encode()


def _parsed(text: str) -> Any:
    """Read JSON. Raises JSONDecodeError, and InvalidInput for what Python takes or gives up on beside the standard."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise InvalidInput("the body is nested too deeply") from error
    except ValueError as error:
        raise InvalidInput("a number of the body has too many digits") from error


def _no_number(word: str) -> Any:
    raise InvalidInput(f"the body is no JSON: {word} is no number")


def _must_be_kept(body: Any) -> None:
    """Refuse what cannot be kept and read back, wherever it stands, also in fields that nobody looks at.

    That is NUL and half of a surrogate pair, a number beyond all floats, and what is nested too deeply.
    """
    waiting: list[tuple[Any, str, int]] = [(body, "", 0)]
    while waiting:
        value, field, depth = waiting.pop()
        if depth > DEEP_MOST:
            raise InvalidInput("the body is nested too deeply")
        match value:
            case dict():
                for name, inner in value.items():
                    within = f"{field}.{name}" if field else name
                    waiting += ((name, field, depth + 1), (inner, within, depth + 1))
            case list():
                waiting += ((inner, f"{field}[{at}]", depth + 1) for at, inner in enumerate(value))
            case str() if UNKEPT.search(value):
                raise InvalidInput("the text holds a character that cannot be stored", field=field or None)
            case float() if not isfinite(value):
                raise InvalidInput("the number is too large", field=field or None)


def without_trailing_commas(text: str) -> str:
    """Return text with each comma that only space parts from a closing bracket as a space; strings stay as they are."""
    kept = list(text)
    within, escaped = False, False
    before, comma = "", -1  # the last sign that is no space, and the place of a comma that may be one too many
    for place, character in enumerate(text):
        if within:
            within = escaped or character != '"'
            escaped = not escaped and character == "\\"
            continue
        if character.isspace():
            continue
        if character in "}]" and comma >= 0:
            kept[comma] = " "
        # After a bracket or another comma nothing was listed that a comma could end.
        comma = place if character == "," and before not in ("", "{", "[", ",", ":") else -1
        before = character
        within = character == '"'
    return "".join(kept)
