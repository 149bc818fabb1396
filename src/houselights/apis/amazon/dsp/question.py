"""What an expression asks once it is put to a workspace: a rule over audiences that exist, and the people of a country.

Refuses audiences that the advertiser cannot see, all at once, each with its place in the request.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from houselights.apis.amazon.door import Visit
from houselights.apis.amazon.dsp.expression import Member
from houselights.apis.amazon.dsp.readiness import unready, why_not
from houselights.apis.amazon.dsp.translate import INSIGHT_LIMITS, ExpressionLimits, audience_id_of, rule_of
from houselights.apis.amazon.dsp.universe import country_of, native, universe_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.model.audience import AudienceStatus
from houselights.model.catalogue import Catalogue, Facet
from houselights.rules.tree import Rule
from houselights.services.house import House

EXPRESSION = "audienceTargetingExpression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A question ready to be asked: whom about, within whom, and the catalogue in force."""

    rule: Rule
    country: str
    universe: Rule | None
    catalogue: Catalogue
    named: frozenset[int]

    def facets(self, roles: Iterable[str]) -> dict[str, Facet]:
        """Return the facet of each role that the workspace has one for; of several, the one native to the country."""
        found = {role: self.catalogue.with_role(role) for role in roles}
        return {role: native(facets, self.country) for role, facets in found.items() if facets}


def ask_of(house: House, visit: Visit, members: Sequence[Member], countries: Sequence[str] | None) -> Asking:
    """Turn an expression of the insights into a question. Raises Rejected, NotFound before the first import."""
    rule = known_rule(house, visit, members, INSIGHT_LIMITS, field=EXPRESSION)
    catalogue = house.discovery.catalogue(visit.caller)
    country = country_of(visit.account, countries, field="countryCodes")
    universe = universe_of(catalogue, country)
    return Asking(rule=rule, country=country, universe=universe, catalogue=catalogue, named=ids_in(members))


def ids_in(members: Iterable[Member]) -> frozenset[int]:
    """Return the audiences that an expression names."""
    numbers = (audience_id_of(member.audience_id) for member in members)
    return frozenset(number for number in numbers if number is not None)


def known_rule(house: House, visit: Visit, members: Sequence[Member], limits: ExpressionLimits, *, field: str) -> Rule:
    """Translate an expression and make sure that every audience in it exists, for this advertiser, and can be used.

    Raises Rejected: 400 for a malformed expression, 404 naming every audience that is unknown, or not ready.
    """
    rule = rule_of(members, limits, field=field)
    found = house.audiences.find(visit.caller, sorted(ids_in(members)))
    active = {number for number, audience in found.items() if audience.status is AudienceStatus.ACTIVE}
    small = unready(house, visit.caller, active)
    missing = [
        Detail(
            Kind.NOT_FOUND,
            f"audience {number} {why_not(visit.caller) if number in small else 'was not found, or is not active'}",
            f"{field}.audiences[{position}].audienceId",
        )
        for position, number in enumerate(int(member.audience_id) for member in members)
        if number not in active or number in small
    ]
    if missing:
        raise Rejected(missing, status=404)
    return rule
