"""Which people an advertiser's questions are about: those of one country. Refuses to guess for a global account."""

from collections.abc import Sequence

from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Account
from houselights.rules.tree import HasTrait, Nobody, Rule

# The vendor's code for the United Kingdom beside the standard's; both are taken, each product writes its own.
UNITED_KINGDOM = {"UK": "GB"}


def country_of(account: Account, asked: Sequence[str] | None, *, field: str) -> str:
    """Return the ISO country in question: the one asked for, else the account's. Raises Rejected without either."""
    country = asked[0] if asked else account.country
    if country is None:
        why = "this advertiser has no country of its own; name one"
        raise Rejected([Detail(Kind.INVALID, why, field)])
    return UNITED_KINGDOM.get(country.upper(), country.upper())


def universe_of(catalogue: Catalogue, country: str) -> Rule | None:
    """Return who is in the country; None, everyone, when the workspace does not know where people are."""
    facets = catalogue.with_role("country")
    if not facets:
        return None
    trait = catalogue.find(facets[0].key, country)
    return Nobody() if trait is None else HasTrait(trait.facet, (trait.key,))
