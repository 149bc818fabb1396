"""The shapes every operation shares: camelCase in, compact camelCase JSON out. Refuses nothing by itself.

Compact matters: widely used clients rescue 64-bit ids from the raw text with `/"audienceId":(\\d+)/`, which a space
after the colon defeats. pydantic writes no such space, writes integers as digits, and leaves out what is None.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from houselights.base.clock import iso_instant

JSON = "application/json"
# Patterns of requests, each with what it says: nobody is shown a pattern. `$` alone would let a line end follow.
EXTERNAL_ID = r"^[0-9a-zA-Z_-]{1,128}$(?!\n)"
QUOTED_ID = r"^[0-9]{1,19}$(?!\n)"
DEVICE_ID = r"^[^\s\x00-\x1f]{1,512}$(?!\n)"
UUID = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
PATTERN_WORDS = {
    EXTERNAL_ID: '1 to 128 letters (a to z), digits, "-" and "_"',
    QUOTED_ID: "1 to 19 digits in quotes",
    DEVICE_ID: "1 to 512 characters without spaces",
    UUID: "a UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12",
}


class Asked(BaseModel):
    """Base of request shapes. Unknown fields are ignored: the guides' own samples send some."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


class Told(BaseModel):
    """Base of reply shapes. None is left out of the JSON, never written as null."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)


def text_of_id(value: object) -> object:
    """Let an id arrive as a JSON number as well as a string, as clients that unquote ids send it; no booleans."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def whole(text: str) -> str:
    """Refuse half of a surrogate pair: JSON can spell it, but no reply could give it back. Raises ValueError."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("the text holds half a character")
    return text


def no_truth(value: object) -> object:
    """Refuse true and false where a number is meant. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError("a number, not true or false")
    return value


# Free text that is given back as it came.
Text = Annotated[str, AfterValidator(whole)]
# A whole number; one in quotes is taken, too.
Whole = Annotated[int, BeforeValidator(no_truth)]
# A 64-bit id of an audience or account, as a string of digits; a bare integer is taken too.
IdText = Annotated[str, BeforeValidator(text_of_id)]
# An instant, written `2026-04-03T19:35:20.567Z`.
Instant = Annotated[datetime, PlainSerializer(iso_instant, return_type=str)]


def reply(told: BaseModel, media_type: str = JSON, status: int = 200) -> Response:
    """Write a reply shape as compact JSON under the negotiated media type."""
    body = told.model_dump_json(by_alias=True, exclude_none=True)
    return Response(body, status_code=status, media_type=media_type)
