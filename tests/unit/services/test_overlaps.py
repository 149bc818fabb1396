"""How audiences lie over one another, against plain sets."""

from itertools import combinations

import pytest

from houselights.base.errors import InvalidInput, NotFound
from houselights.engine.plain import members
from houselights.rules.json_form import node_from_json
from houselights.rules.tree import HasTrait, Rule
from houselights.services.caller import Caller
from houselights.services.house import House
from tests.world import AS_OF, AUDIENCES, plain_people

IDS = tuple(AUDIENCES)


def sets() -> dict[int, set[int]]:
    def resolve(audience_id: int) -> Rule:
        return node_from_json(AUDIENCES[audience_id][1])

    return {one: members(resolve(one), plain_people(), resolve=resolve, as_of=AS_OF) for one in IDS}


def test_pairs_and_regions_are_what_plain_sets_give(house: House, caller: Caller) -> None:
    picture, plain = house.overlaps.among(caller, IDS), sets()
    assert {one: counted.exact for one, counted in picture.sizes.items()} == {one: len(plain[one]) for one in IDS}
    assert {(pair.first, pair.second): pair.both.exact for pair in picture.pairs} == {
        (a, b): len(plain[a] & plain[b]) for a, b in combinations(IDS, 2)
    }
    for pair in picture.pairs:
        a, b = plain[pair.first], plain[pair.second]
        assert (pair.jaccard, pair.share_of_first) == (len(a & b) / len(a | b), len(a & b) / len(a))
    assert picture.regions is not None
    regions = {frozenset(region.inside): region.people.exact for region in picture.regions}
    for size in range(1, len(IDS) + 1):
        for inside in combinations(IDS, size):
            alone = set.intersection(*(plain[one] for one in inside))
            alone = alone.difference(*(plain[one] for one in IDS if one not in inside))
            assert regions.get(frozenset(inside), 0) == len(alone)
    assert sum(count or 0 for count in regions.values()) == len(set.union(*plain.values()))


def test_a_universe_cuts_everything(house: House, caller: Caller) -> None:
    picture = house.overlaps.among(caller, IDS[:2], universe=HasTrait("country", ("GH",)))
    assert [counted.exact for counted in picture.sizes.values()] == [1, 1]


def test_a_partner_learns_bands_only(house: House, partner: Caller) -> None:
    picture = house.overlaps.among(partner, IDS[:3])
    assert {pair.both.exact for pair in picture.pairs} == {None}
    assert picture.regions is not None
    assert len(picture.regions) == 7, "an empty region left out would be a count of zero"
    assert {region.people.exact for region in picture.regions} == {None}


def test_unknown_and_too_few_audiences_are_refused(house: House, caller: Caller) -> None:
    with pytest.raises(NotFound, match="no audience 4711") as refused:
        house.overlaps.among(caller, [9001, 4711])
    assert refused.value.field == "audiences[1]"
    with pytest.raises(InvalidInput, match="2 to 50"):
        house.overlaps.among(caller, [9001, 9001])


def test_regions_are_drawn_for_six_at_most(house: House, caller: Caller) -> None:
    seven = [*IDS, *list(house.discovery.catalogue(caller).by_audience_id)[:2]]
    assert house.overlaps.among(caller, seven).regions is None
    assert house.overlaps.among(caller, seven[:6]).regions is not None
