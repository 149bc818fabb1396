"""Columns as the population file writes them: a name, or a mapping that says more. Refuses bands that overlap and time
zones that do not exist.
"""

import math
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from houselights.base.suggest import did_you_mean
from houselights.services.imports.grammar import Document
from houselights.services.imports.population import Column, FacetColumn, NumberBand, Source


def source(where: str, data: Mapping[str, Any]) -> Source:
    """Read `files`, `format` and `nulls` of any source."""
    files = data["files"]
    return Source(
        files=(files,) if isinstance(files, str) else tuple(files),
        format=data.get("format"),
        nulls=tuple(data.get("nulls", ())),
        where=where,
    )


def column(document: Document, where: str, data: Any, *, kind: str | None = None) -> Column:
    """Read a column: its name, or a mapping. `kind` is its type when the place decides it."""
    if isinstance(data, str):
        return Column(where=where, column=data, type=kind)
    if ("column" in data) == ("value" in data):
        raise document.error(where, "give either a column or a value for every row")
    nested = data.get("nested", {})
    if nested and "column" not in data:
        raise document.error(where, "nested fields need a column")
    fields = {name: column(document, f"{where}.nested.{name}", item) for name, item in nested.items()}
    deep = next((name for name, inner in fields.items() if inner.nested or inner.many), None)
    if deep is not None:
        raise document.error(f"{where}.nested.{deep}", "a record's field holds one value: no lists or records inside")
    return Column(
        where=where,
        column=data.get("column"),
        value=data.get("value"),
        type=data.get("type", kind),
        zone=_zone(document, where, data.get("zone", "UTC")),
        format=data.get("format"),
        many=bool(data.get("many", False)),
        separator=data.get("separator", "|"),
        nested=fields,
    )


def constant(document: Document, where: str, data: Any) -> Column:
    """Read a place where a plain word is a constant and only `{column: …}` names a column."""
    return Column(where=where, value=data) if isinstance(data, str) else column(document, where, data)


def _zone(document: Document, where: str, name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        hint = did_you_mean(name, available_timezones()) or "an IANA name such as America/New_York"
        raise document.error(f"{where}.zone", f'no time zone is called "{name}"', hint) from error
    return name


def facet_column(document: Document, where: str, data: Any) -> FacetColumn:
    """Read how a facet is taken from a column."""
    if isinstance(data, str):
        return FacetColumn(column=Column(where=where, column=data))
    how = {name: data[name] for name in ("column", "value", "many", "separator") if name in data}
    bands, otherwise = data.get("bands"), data.get("otherwise")
    if bands and "values" in data:
        raise document.error(where, "give either bands or values")
    if bands and otherwise == "keep":
        raise document.error(f"{where}.otherwise", "a number outside every band cannot be kept: reject or skip it")
    return FacetColumn(
        column=column(document, where, how),
        bands=_bands(document, f"{where}.bands", bands) if bands else (),
        values=value_map(data.get("values")),
        otherwise=otherwise,
    )


def value_map(data: Mapping[Any, Any] | None) -> dict[str, str | None] | None:
    """Read a value map: cell to trait key, None to drop the value."""
    if data is None:
        return None
    return {scalar_key(value): None if key is None else scalar_key(key) for value, key in data.items()}


def scalar_key(value: Any) -> str:
    """Write a YAML scalar as a key: 7 and 7.0 are "7", true is "true"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, int | float) else str(value)


def number_text(value: float) -> str:
    """Write a number without a needless fraction."""
    return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)


def _bands(document: Document, where: str, items: list[Any]) -> tuple[NumberBand, ...]:
    bands = tuple(_band(item) for item in items)
    for position, band in enumerate(bands):
        low, high = _ends(band)
        if low > high:
            raise document.error(f"{where}[{position}]", "the low end is above the high end")
        for other in bands[:position]:
            if low <= _ends(other)[1] and _ends(other)[0] <= high:
                raise document.error(f"{where}[{position}]", f'overlaps the band "{other.name}"')
            if band.key == other.key:
                raise document.error(f"{where}[{position}].key", f'two bands have the key "{band.key}"')
    return bands


def _ends(band: NumberBand) -> tuple[float, float]:
    return (-math.inf if band.low is None else band.low, math.inf if band.high is None else band.high)


def _band(data: Any) -> NumberBand:
    named = data if isinstance(data, dict) else {"low": data[0], "high": data[1]}
    low, high = named["low"], named["high"]
    key = named.get("key") or band_key(low, high)
    return NumberBand(low=low, high=high, key=key, name=named.get("name") or named.get("key") or band_name(low, high))


def band_key(low: float | None, high: float | None) -> str:
    """Return the key of a band: "18-24", "65+", "up-to-17", or "any" when both ends are open."""
    if low is None:
        return "any" if high is None else f"up-to-{number_text(high)}"
    return f"{number_text(low)}+" if high is None else f"{number_text(low)}-{number_text(high)}"


def band_name(low: float | None, high: float | None) -> str:
    """Return what a band is called: "18-24", "65 and over", "17 and under"."""
    if low is None:
        return "any" if high is None else f"{number_text(high)} and under"
    return f"{number_text(low)} and over" if high is None else f"{number_text(low)}-{number_text(high)}"
