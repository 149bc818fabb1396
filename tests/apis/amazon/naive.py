"""The other opinion: audiences as sets of row numbers, insights by division, suppression left to the caller."""

from collections.abc import Iterable, Mapping

from tests.apis.amazon.people import rows

People = frozenset[int]


def everyone() -> People:
    return frozenset(range(len(rows())))


def having(facet: str, key: str) -> People:
    """Return who carries a trait, or one below it."""
    return frozenset(number for number, row in enumerate(rows()) if key in row.traits.get(facet, frozenset()))


def in_country(country: str) -> People:
    return having("country", country)


def any_of(sets: Iterable[People]) -> People:
    return frozenset().union(*sets)


def metrics(audience: People, subject: People, universe: People) -> tuple[float, float]:
    """Return affinity and overlap percentage; the audience is cut to the universe first."""
    audience, subject = audience & universe, subject & universe
    overlap = len(audience & subject) / len(audience)
    return overlap / (len(subject) / len(universe)), overlap * 100


def table(facet: str, audience: People, universe: People) -> Mapping[str, tuple[float, float]]:
    """Return the metrics of every trait of a facet that anybody in the universe carries."""
    keys = sorted({key for number in universe for key in rows()[number].traits.get(facet, frozenset())})
    return {key: metrics(audience, having(facet, key), universe) for key in keys}
