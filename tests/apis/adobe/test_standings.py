"""Expressions about recorded memberships are kept in our words and written in the vendor's."""

from houselights.apis.adobe.ids import id_of, uuid_of
from houselights.apis.adobe.language.parse import parse
from houselights.apis.adobe.language.write import write
from houselights.apis.adobe.standings import inward, outward

TEXT = f'segmentMembership.get("ups").get("{uuid_of(7)}").status in ["realized", "existing"] and city = "ups"'


def test_the_two_words_are_translated_and_nothing_else() -> None:
    tree = inward(parse(TEXT).tree, id_of)
    ours = 'segmentMembership.get("own").get("7").status in ["realized", "existing"] and city = "ups"'
    assert write(tree) == ours
    assert write(outward(tree)) == TEXT


def test_an_audience_that_is_not_there_stays_as_it_was_written() -> None:
    text = 'segmentMembership.get("ups").get("nobody").isNull() or segmentMembership.get("aam").isNull()'
    assert write(inward(parse(text).tree, id_of)) == text.replace('"ups"', '"own"')
    assert write(outward(inward(parse(text).tree, id_of))) == text


def test_a_namespace_alone_is_translated() -> None:
    text = 'segmentMembership.get("ups").values().exists(status = "realized")'
    assert write(outward(inward(parse(text).tree, id_of))) == text
