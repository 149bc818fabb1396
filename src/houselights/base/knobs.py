"""Knobs in one environment variable: `NAME="parallel=8,attempts=12"`. Refuses words that are no knobs."""

import os
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Knobs = TypeVar("Knobs", bound="DataclassInstance")


def knobs(kind: type[Knobs], variable: str) -> Knobs:
    """Read a dataclass of numbers and words, all with defaults, from a variable.

    Raises InvalidInput for an unknown knob, and for a number that is none or not above 0.
    """
    defaults = kind()
    named = {each.name: getattr(defaults, each.name) for each in fields(kind)}
    known = {name: value for name, value in named.items() if isinstance(value, int | float | str)}
    values: dict[str, Any] = {}
    for pair in filter(None, (each.strip() for each in os.environ.get(variable, "").split(","))):
        name, _, text = (part.strip() for part in pair.partition("="))
        if name not in known:
            raise InvalidInput(f'there is no knob "{name}"', field=variable, hint=did_you_mean(name, set(known)))
        try:
            value = type(known[name])(text)
        except ValueError:
            value = None
        if value is None or value == "" or (not isinstance(value, str) and not 0 < value < float("inf")):
            raise InvalidInput(f'"{text}" is no number above 0', field=f"{variable} {name}")
        values[name] = value
    return kind(**values)
