"""Audience categories: our words beside the two spellings this vendor uses for them, enum and display name."""

from collections.abc import Iterable

# enum of the insights → the word under which discovery shows it, which is also ours
DISPLAY = {
    "ADVERTISER_AUDIENCES": "Advertiser audiences",
    "COMBINED_AUDIENCES": "Combined audience",
    "CUSTOM_BUILT": "Custom-built",
    "DEMOGRAPHIC": "Demographics",
    "INTEREST": "Interest",
    "IN_MARKET": "In-market",
    "IN_MARKET_MULTI_COUNTRY": "In-market (multi-country)",
    "LIFESTYLE": "Lifestyle",
    "LIFE_EVENT": "Life event",
    "LOOKALIKE": "Lookalike",
    "THIRD_PARTY": "Third-party",
}
COMBINED = DISPLAY["COMBINED_AUDIENCES"]
_BY_LOWER_CASE = {word.lower(): word for word in DISPLAY.values()}
_BY_LOWER_CASE |= {enum.lower(): word for enum, word in DISPLAY.items()}


def category_of(name: str) -> str:
    """Return our word for a category however it is spelt; an unknown name comes back as it is, and matches nothing."""
    return _BY_LOWER_CASE.get(name.strip().lower(), name.strip())


def is_known(name: str) -> bool:
    """Tell whether a name is one of the vendor's categories, in either spelling."""
    return name.strip().lower() in _BY_LOWER_CASE


def categories_of(names: Iterable[str] | None) -> frozenset[str] | None:
    """Return our words for a filter, None for no filter."""
    return None if names is None else frozenset(category_of(name) for name in names)
