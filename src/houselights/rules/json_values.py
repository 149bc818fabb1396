"""Reads the scalars and containers that the JSON form is made of. Refuses the wrong type; never converts.

Every function takes the parsed value and its path, and raises InvalidRule whose `field` is that path.
"""

from collections.abc import Collection, Mapping
from typing import Any

from houselights.base.errors import InvalidRule
from houselights.base.suggest import did_you_mean

INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1


def items(content: object, path: str, of_what: str) -> list[Any]:
    """Read a list; `of_what` says in the message what it should hold."""
    if not isinstance(content, list):
        raise InvalidRule(f"expected a list of {of_what}, not {shown(content)}", field=path)
    return content


def text(content: object, path: str) -> str:
    """Read a text that every database can store."""
    if not isinstance(content, str):
        raise InvalidRule(f"expected a text, not {shown(content)}", field=path)
    # Neither a lone surrogate nor a NUL can be stored by every database we keep rules in.
    if "\0" in content or any("\ud800" <= letter <= "\udfff" for letter in content):
        raise InvalidRule("the text holds a character that cannot be stored", field=path)
    return content


def identifier(content: object, path: str) -> int:
    """Read an id: a string of digits, from 0 to 2⁶³ - 1."""
    # As a string, because 18 digits do not fit the doubles that many clients read numbers into.
    if not isinstance(content, str):
        raise InvalidRule(
            f"expected an id written as a string of digits, not {shown(content)}", field=path, hint='such as "1234"'
        )
    if not is_identifier(content):
        raise InvalidRule(f"{shown(content)} is not an id; an id is a string of digits", field=path)
    return int(content)


def is_identifier(text: str) -> bool:
    """Say whether a text is an id, written the one way an id is written."""
    is_canonical = text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")
    return is_canonical and len(text) <= 19 and int(text) <= INT64_MAX


def whole_number(content: object, path: str, *, low: int) -> int:
    """Read a whole number from `low` to 2³¹ - 1."""
    if type(content) is not int:  # JSON's true is an int to Python, and means something else
        raise InvalidRule(f"expected a whole number, not {shown(content)}", field=path)
    if not low <= content <= INT32_MAX:
        raise InvalidRule(f"expected a whole number from {low} to {INT32_MAX}", field=path)
    return content


def only_true(content: object, path: str) -> None:
    """Read the value true, the only one that a rule without parts may carry."""
    if content is not True:
        raise InvalidRule(f"expected true, not {shown(content)}", field=path)


def members(
    content: object, path: str, *, required: Collection[str], optional: Collection[str] = ()
) -> Mapping[str, Any]:
    """Read an object with these keys and no others."""
    if not isinstance(content, Mapping):
        raise InvalidRule(f"expected an object with {' and '.join(required)}, not {shown(content)}", field=path)
    for key in content:
        if key not in required and key not in optional:
            raise InvalidRule(f"unknown key {shown(key)}", field=path or None, hint=near(key, (*required, *optional)))
    for key in required:
        if key not in content:
            raise InvalidRule(f'"{key}" is missing', field=f"{path}.{key}" if path else key)
    return content


def near(word: object, known: Collection[str]) -> str | None:
    """Return a did-you-mean hint for a key the caller wrote; long ones cost too much to compare and get none."""
    return did_you_mean(word, known) if isinstance(word, str) and len(word) <= 100 else None


def shown(value: object) -> str:
    """Return what the caller wrote, short enough for a message; containers only by their kind."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            start = value[:40].encode(errors="replace").decode()  # a lone surrogate would break the reply
            return f'"{start}…"' if len(value) > 40 else f'"{start}"'
        case int():
            # Python refuses to print integers of thousands of digits.
            return str(value) if abs(value) <= INT64_MAX else "a number too large to show"
        case float():
            return str(value)
        case Mapping():
            return f"an object with {len(value)} keys" if len(value) != 1 else "an object with one key"
        case list():
            return "a list"
        case _:
            return f"a value of type {type(value).__name__}"
