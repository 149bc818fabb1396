"""The twelve people hold together: what is written about them agrees with itself."""

from houselights.rules.check import check
from houselights.rules.json_form import node_from_json
from tests.world import AS_OF, AUDIENCES, CATALOGUE, IDS, LISTS, PEOPLE, Story, plain_people


def age_of(story: Story) -> int | None:
    if story.born is None:
        return None
    had_birthday = (AS_OF.month, AS_OF.day) >= (story.born.month, story.born.day)
    return AS_OF.year - story.born.year - (not had_birthday)


def test_there_are_twelve_and_each_has_its_id() -> None:
    assert [person.id for person in plain_people()] == list(range(12))
    assert [person.key for person in plain_people()] == sorted(IDS)


def test_every_trait_is_in_the_catalogue() -> None:
    for person in PEOPLE:
        for facet, keys in person.traits.items():
            assert all(CATALOGUE.find(facet, key) is not None for key in keys), person.key
            assert CATALOGUE.facets[facet].multi or len(keys) == 1, person.key


def test_everyone_is_in_the_band_of_their_age() -> None:
    for story in PEOPLE:
        age = age_of(story)
        bands = story.traits.get("age", ())
        fitting = [
            trait.key
            for trait in CATALOGUE.of("age")
            if age is not None and (trait.low or 0) <= age <= (trait.high or 200)
        ]
        assert list(bands) == fitting, story.key


def test_ancestors_come_with_the_leaf() -> None:
    ada = plain_people()[IDS["ada"]]
    assert ada.traits["interests"] == {"vegan", "cooking", "food", "running", "sport"}


def test_the_stories_are_true() -> None:
    told = {story.key: story for story in PEOPLE}
    assert len(told["ada"].identities["email"]) == 3
    assert told["ben"].identities["maid"] == told["cleo"].identities["maid"]
    assert told["dara"].profile["optOut"] is True
    assert (told["eli"].born.month, told["eli"].born.day) == (2, 29)  # type: ignore[union-attr]  # he has a birthday
    assert told["jo"].traits == {}
    assert {list_id for story in PEOPLE for list_id in story.lists} == set(LISTS)


def test_every_audience_can_be_evaluated() -> None:
    rules = {audience_id: node_from_json(written) for audience_id, (_, written) in AUDIENCES.items()}
    for audience_id, rule in rules.items():
        check(rule, CATALOGUE, rules.__getitem__, self_id=audience_id)
