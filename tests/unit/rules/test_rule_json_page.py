"""docs/rule-json.md tells the truth: every example is read, checked, said, and asked of the twelve people."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from tests.world import AS_OF, AUDIENCES, CATALOGUE, FIELDS, IDS, LISTS, plain_people

from houselights.base.errors import InvalidRule
from houselights.engine.plain import members
from houselights.rules.check import Limits, check
from houselights.rules.english import CatalogueNames, english
from houselights.rules.json_form import KINDS, from_json, node_from_json
from houselights.rules.tree import Rule

PAGE = (Path(__file__).parents[3] / "docs" / "rule-json.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n((?:.|\n)*?)\n```\n\n> (.*)", PAGE)
NAMES = CatalogueNames(CATALOGUE, {audience_id: name for audience_id, (name, _) in AUDIENCES.items()}, LISTS)


def resolve(audience_id: int) -> Rule:
    return node_from_json(AUDIENCES[audience_id][1])


def answer(written: str) -> str:
    """What the page should say below an example."""
    document = json.loads(written)
    try:
        rule = from_json(document) if "version" in document else node_from_json(document)
        check(rule, CATALOGUE, resolve, fields=FIELDS)
    except InvalidRule as error:
        return f"refused at `{error.field}`: {error.message}; {error.hint}"
    found = members(rule, plain_people(), resolve=resolve, as_of=AS_OF)
    return f"{', '.join(key for key in IDS if IDS[key] in found)}: {english(rule, NAMES)}"


@pytest.mark.parametrize(("written", "said"), EXAMPLES)
def test_the_page_says_what_the_house_says(written: str, said: str) -> None:
    assert said == answer(written)


def test_every_block_is_an_example_with_its_answer() -> None:
    assert len(EXAMPLES) == PAGE.count("```json") == PAGE.count("```") / 2


def test_every_kind_of_node_has_its_row() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == KINDS


def test_the_limits_are_those_of_the_program() -> None:
    for each in fields(Limits):
        if each.name != "days":
            assert f"{each.default:,}" in PAGE, each.name
