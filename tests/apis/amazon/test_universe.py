"""Whom a question is about, and in which currency it is answered."""

import pytest

from houselights.apis.amazon.dsp.insights.translate import CURRENCIES as KNOWN_CURRENCIES
from houselights.apis.amazon.dsp.question import Asking
from houselights.apis.amazon.dsp.universe import CURRENCIES, native
from houselights.model.catalogue import Catalogue, Facet
from houselights.rules.tree import Everyone


def income(unit: str | None) -> Facet:
    return Facet(key=f"income_{unit}", name="Income", role="income", unit=unit)


@pytest.mark.parametrize(
    ("units", "country", "expected"),
    [
        (("AED", "EUR", "USD"), "US", "USD"),
        (("AED", "EUR", "USD"), "DE", "EUR"),
        (("AED", "EUR", "USD"), "FR", "EUR"),
        (("USD",), "GB", "USD"),
        (("AED", "USD"), "GB", "AED"),
        ((None, "USD"), "ZZ", None),
    ],
)
def test_of_several_facets_the_one_in_the_countrys_currency_speaks(
    units: tuple[str | None, ...], country: str, expected: str | None
) -> None:
    assert native([income(unit) for unit in units], country).unit == expected


def test_every_country_earns_in_a_currency_the_vendor_can_say() -> None:
    assert set(CURRENCIES.values()) <= KNOWN_CURRENCIES


def test_a_question_takes_the_facet_of_its_country() -> None:
    catalogue = Catalogue([income("AED"), income("GBP"), Facet(key="age", name="Age", role="age", unit="years")], [])
    asking = Asking(rule=Everyone(), country="GB", universe=None, catalogue=catalogue, named=frozenset())
    found = asking.facets(["age", "income", "gender"])
    assert {role: facet.key for role, facet in found.items()} == {"age": "age", "income": "income_GBP"}
