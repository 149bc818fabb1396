"""Traits as parameters say them: by id where the vendor has ids, by the vendor's fixed words where it has those."""

from collections.abc import Sequence
from typing import Any

from houselights.apis.statsocial.audiences.bands import UNKNOWN, bands
from houselights.apis.statsocial.audiences.schemas import ETHNICITIES, GENDERS, RANGES
from houselights.apis.statsocial.vocabulary import PLACES
from houselights.base.errors import InvalidInput
from houselights.base.text import fold
from houselights.model.catalogue import Catalogue, Trait

_PLACES = {role: (path, kind) for path, (kind, role) in PLACES.items()}
_WORDS = {"gender": ("gender", "genders", GENDERS), "ethnicity": ("ethnicity", "ethnicities", ETHNICITIES)}


def traits_said(facet: str, keys: Sequence[str], catalogue: Catalogue, place: str) -> dict[str, Any]:
    """Return the parameter that asks for any of these traits. Raises InvalidInput where none does."""
    role = _role(facet, catalogue)
    traits = [trait for key in keys if (trait := catalogue.find(facet, key)) is not None]
    items = [{"id": key} for key in keys]
    if role in _PLACES:
        path, kind = _PLACES[role]
        return {"location": {path: [{"id": each.key, "name": each.name, "kind": kind} for each in traits]}}
    if role in _WORDS:
        kind, name, words = _WORDS[role]
        return {kind: {name: [_word(trait, words, place) for trait in traits]}}
    match role:
        case "affinity":
            return {"affinities": {"affinities": items}}
        case "job_title":
            return {"b2b": {"job_titles": items}}
        case "employer":
            return {"b2b": {"employer_names": items}}
        case "personality":
            return {"personality": {"personalities": [trait.name for trait in traits]}}
        case "age":
            return {"age": {"ranges": _ranges(traits, catalogue.of(facet), place)}}
        case _:
            raise InvalidInput(f'no kind of parameter asks for "{facet}"', field=f"{place}.trait")


def nothing_said(facet: str, catalogue: Catalogue, place: str) -> dict[str, Any]:
    """Return the parameter that asks for those of whom a facet says nothing. Raises InvalidInput where none does."""
    role = _role(facet, catalogue)
    if role in _WORDS:
        kind, name, _ = _WORDS[role]
        return {kind: {name: [UNKNOWN]}}
    if role == "age":
        return {"age": {"ranges": [UNKNOWN]}}
    raise InvalidInput(f'no kind of parameter asks of whom "{facet}" is not known', field=place)


def _role(facet: str, catalogue: Catalogue) -> str | None:
    known = catalogue.facets.get(facet)
    return None if known is None else known.role


def _word(trait: Trait, words: Sequence[str], place: str) -> str:
    for word in words:
        if fold(word) in (fold(trait.key), fold(trait.name)):
            return word
    raise InvalidInput(f'parameters have no word for "{trait.name}"', field=f"{place}.trait")


def _ranges(traits: Sequence[Trait], known: Sequence[Trait], place: str) -> list[str]:
    """Return the ranges that these bands of age make up. Raises InvalidInput when they make up none."""
    wanted = {trait.key for trait in traits}
    said: set[str] = set()
    chosen = []
    for name in RANGES:
        within = set() if name == UNKNOWN else {trait.key for trait in bands(known, name)}
        if within and within <= wanted:
            chosen.append(name)
            said |= within
    if said != wanted:
        raise InvalidInput("these bands of age are no ranges of parameters", field=f"{place}.trait")
    return chosen
