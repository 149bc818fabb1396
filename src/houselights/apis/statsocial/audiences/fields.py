"""Kinds of fields that several shapes of requests have: what is taken for one, and how it is refused in plain words."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.base.text import fold
from houselights.services.callbacks.addresses import checked_url

URL_CHARACTERS = 2048


def _text_of_id(value: object) -> object:
    """Let an id be a number as well as a text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _number(value: object) -> object:
    """Refuse true and false, which would pass for 1 and 0. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError("a whole number is expected")
    return value


def _web_address(text: str) -> str:
    """Refuse what is no address on the web. Whether it may be called is decided when it is. Raises ValueError."""
    try:
        return checked_url(text)
    except InvalidInput as error:
        raise ValueError(error.message) from error


def one_of(*words: str) -> BeforeValidator:
    """Take one of these words, in any case, and say which was perhaps meant. Raises ValueError."""

    def taken(value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.lower() not in words:
            near = did_you_mean(value.lower(), words)
            raise ValueError(f'"{value}" is not one of {", ".join(words)}' + (f"; {near}" if near else ""))
        return value.lower()

    return BeforeValidator(taken)


def _worded(phrase: str) -> str:
    if fold(phrase) == " ":
        raise ValueError("the phrase has no word to look for")
    return phrase


def _said(text: object) -> object:
    """Take null for a text that was not said."""
    return "" if text is None else text


def _named(name: str) -> str:
    if not name.strip():
        raise ValueError("an audience needs a name")
    return name


Name = Annotated[str, Field(max_length=255), AfterValidator(_named)]
Said = Annotated[str, BeforeValidator(_said)]
Whole = Annotated[int, BeforeValidator(_number)]
IdText = Annotated[str, BeforeValidator(_text_of_id), Field(max_length=500)]
Url = Annotated[str, Field(max_length=URL_CHARACTERS), AfterValidator(_web_address)]
Phrase = Annotated[str, Field(max_length=500), AfterValidator(_worded)]
