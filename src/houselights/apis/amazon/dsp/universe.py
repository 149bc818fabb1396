"""Which people an advertiser's questions are about: those of one country. Refuses to guess for a global account."""

from collections.abc import Mapping, Sequence

from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.model.catalogue import Catalogue, Facet
from houselights.model.workspace import Account
from houselights.rules.tree import HasTrait, Nobody, Rule

# What people earn in each country that the insights know.
CURRENCIES: Mapping[str, str] = {
    "AE": "AED", "AU": "AUD", "BR": "BRL", "CA": "CAD", "DE": "EUR", "ES": "EUR", "FR": "EUR", "GB": "GBP", "IN": "INR",
    "IT": "EUR", "JP": "JPY", "MX": "MXN", "NL": "EUR", "SA": "SAR", "SE": "SEK", "TR": "TRY", "US": "USD",
}  # fmt: skip

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


def native(facets: Sequence[Facet], country: str) -> Facet:
    """Return the facet that speaks of a country: the first in its currency, or the first when none is.

    A workspace of many countries keeps incomes in a facet for each currency, and only one of them says anything about
    the people of one country. `facets` play the same role and are not empty.
    """
    currency = CURRENCIES.get(country)
    return next((facet for facet in facets if currency is not None and facet.unit == currency), facets[0])
