"""Whom an audience is compared with: everybody, or those of a country, of a gender, or of both; or whom a rule names.

Countries and genders are found by the role of their facet, by ISO code or by name. Refuses, by saying so in the
portrait, a baseline that the catalogue has no trait for: it does not fall back to another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pycountry

from houselights.base.errors import NotFound
from houselights.model.catalogue import Catalogue, Trait
from houselights.rules.json_form import from_json, to_json
from houselights.rules.tree import And, Everyone, HasTrait, Rule

GENDERS: Mapping[str, frozenset[str]] = {
    "male": frozenset({"male", "m", "man", "men", "males"}),
    "female": frozenset({"female", "f", "woman", "women", "females"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Everybody who is of a country (ISO 3166-1 alpha-2) and a gender (a key of GENDERS), as far as they are given.

    With a `rule`, those whom it holds.
    """

    country: str | None = None
    gender: str | None = None
    rule: Rule | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it for a job's row."""
        rule = None if self.rule is None else to_json(self.rule)
        return {"country": self.country, "gender": self.gender, "rule": rule}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Baseline":
        """Read what `to_json` wrote."""
        rule = None if value["rule"] is None else from_json(value["rule"])
        return cls(country=value["country"], gender=value["gender"], rule=rule)

    def meaning(self, catalogue: Catalogue) -> Rule:
        """Return the rule of who is in it. Raises NotFound when nobody's country or gender is known by that name."""
        parts: list[Rule] = [] if self.rule is None else [self.rule]
        if self.country is not None:
            country = pycountry.countries.get(alpha_2=self.country)
            words = [self.country] if country is None else [country.alpha_2, country.alpha_3, country.name]
            parts.append(_found(catalogue, "country", frozenset(word.casefold() for word in words)))
        if self.gender is not None:
            parts.append(_found(catalogue, "gender", GENDERS[self.gender]))
        match parts:
            case []:
                return Everyone()
            case [one]:
                return one
            case _:
                return And(tuple(parts))


def _found(catalogue: Catalogue, role: str, words: frozenset[str]) -> Rule:
    for facet in catalogue.with_role(role):
        keys = tuple(trait.key for trait in catalogue.of(facet.key) if _named(trait, words))
        if keys:
            return HasTrait(facet.key, keys)
    raise NotFound(f"no {role} here is called {' or '.join(sorted(words))}")


def _named(trait: Trait, words: frozenset[str]) -> bool:
    return trait.key.casefold() in words or trait.name.casefold() in words
