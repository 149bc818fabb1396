"""Finding facets, traits and audiences, with hints for those who nearly spelt them."""

import pytest

from houselights.base.errors import NotAllowed, NotFound
from houselights.model.audience import AudienceFilter
from houselights.model.workspace import PrivacyPolicy
from houselights.services.caller import Caller
from houselights.services.house import House


def test_facets_are_listed_and_found_by_role(house: House, caller: Caller) -> None:
    assert [one.key for one in house.discovery.facets(caller)][:3] == ["age", "gender", "country"]
    assert [one.key for one in house.discovery.facets(caller, role="video_genre")] == ["genre"]
    assert house.discovery.facets(caller, role="income") == []


def test_traits_are_searched_by_every_word_best_first(house: House, caller: Caller) -> None:
    found, total = house.discovery.search(caller, "cooking")
    assert ([one.name for one in found], total) == (["Cooking", "Vegan cooking"], 2)
    assert [one.name for one in house.discovery.search(caller, "COOK veg")[0]] == ["Vegan cooking"]
    assert house.discovery.search(caller, "shoes", facet="interests") == ([], 0)


def test_a_tree_is_walked_level_by_level(house: House, caller: Caller) -> None:
    roots, total = house.discovery.children(caller, "interests")
    assert ([one.key for one in roots], total) == (["food", "sport", "travel"], 3)
    below, _ = house.discovery.children(caller, "interests", "food")
    assert [one.key for one in below] == ["cooking", "coffee"]
    assert house.discovery.children(caller, "interests", "vegan") == ([], 0)
    assert len(house.discovery.traits(caller, "interests", offset=7, limit=5)[0]) == 2


def test_the_taxonomy_counts_what_stands_below(house: House, caller: Caller) -> None:
    assert dict(house.discovery.taxonomy(caller, ()))["Interest"] == 9
    assert house.discovery.taxonomy(caller, ("Interest", "Interests")) == [("Food and drink", 4), ("Sport", 2)]
    own = house.discovery.taxonomy(caller, (), AudienceFilter(categories=frozenset({"Custom-built"})))
    assert own == [("Custom-built", 5)]


def test_unknown_names_come_with_a_hint(house: House, caller: Caller) -> None:
    with pytest.raises(NotFound) as refused:
        house.discovery.facet(caller, "intrests")
    assert refused.value.hint == 'did you mean "interests"?'
    with pytest.raises(NotFound, match='has no trait "vegn"') as refused:
        house.discovery.trait(caller, "interests", "vegn")
    assert refused.value.hint == 'did you mean "vegan"?'


def test_before_the_first_import_there_is_nothing_to_find(house: House) -> None:
    empty = house.control.workspaces.create("empty", PrivacyPolicy(), created_at=house.clock.now())
    with pytest.raises(NotFound, match="no people yet"):
        house.discovery.facets(Caller.local(empty))


def test_looking_things_up_needs_its_scope(house: House, caller: Caller) -> None:
    nobody = Caller(client=None, workspace=caller.workspace, scopes=frozenset({"insights:read"}))
    with pytest.raises(NotAllowed, match="audiences:read"):
        house.discovery.facets(nobody)
