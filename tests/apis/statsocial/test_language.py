"""Parameters as a language: what is read of them is written again, and means the same."""

import json
from typing import Any

import pytest

from houselights.apis.statsocial import LANGUAGE
from houselights.base.errors import InvalidInput, InvalidRule
from houselights.rules.tree import And, Everyone, HasTrait, Not, Or, Rule
from tests.apis.statsocial.conftest import BODIES, Stage

UNSAID = ("09", "12", "20", "02", "03", "01")  # their rules hold nobody, which no parameter says


@pytest.mark.covers("language")
@pytest.mark.parametrize("name", [name for name in BODIES if not name.startswith(UNSAID)])
def test_what_is_read_is_written_and_read_again(stage: Stage, name: str) -> None:
    catalogue = stage.house.discovery.catalogue(stage.operator)
    rule = LANGUAGE.read(stage.house, stage.operator, BODIES[name])
    assert LANGUAGE.read(stage.house, stage.operator, LANGUAGE.write(rule, catalogue)) == rule


MANY = [
    {"operation": "OR", "affinities": {"affinities": [{"id": "a100"}]}},
    {"operation": "OR", "b2b": {"job_titles": [{"id": "Surgeon"}]}},
    {"operation": "AND", "age": {"ranges": ["over 54", "25-34", "unknown"]}},
    {"operation": "AND", "gender": {"genders": ["female", "unknown"]}},
    {"operation": "NOT", "personality": {"personalities": ["achievement striving", "love"]}},
]


def test_many_parameters_are_written_as_many(stage: Stage) -> None:
    catalogue = stage.house.discovery.catalogue(stage.operator)
    rule = LANGUAGE.read(stage.house, stage.operator, json.dumps({"parameters": MANY}))
    written = json.loads(LANGUAGE.write(rule, catalogue))
    assert [each["operation"] for each in written] == ["OR", "AND", "AND", "NOT"]
    assert written[1]["age"] == {"ranges": ["25-34", "over 54", "unknown"]}
    again = LANGUAGE.read(stage.house, stage.operator, json.dumps(written))
    count = stage.house.insights.size
    assert count(stage.operator, again) == count(stage.operator, rule)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Everyone(), "rule"),
        (HasTrait("country", ("US",)), None),
        (HasTrait("education", ("high_school",)), "rule.trait"),
        (And((HasTrait("gender", ("female",)), Or((HasTrait("gender", ("male",)), Everyone())))), "rule.and[1].or[1]"),
        (And((HasTrait("gender", ("female",)), Not(Everyone()))), "rule.and[1].not"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_place(stage: Stage, rule: Rule, field: str | None) -> None:
    catalogue = stage.house.discovery.catalogue(stage.operator)
    if field is None:
        assert json.loads(LANGUAGE.write(rule, catalogue))[0]["location"]["countries"][0]["id"] == "US"
        return
    with pytest.raises(InvalidInput) as refused:
        LANGUAGE.write(rule, catalogue)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{", None),
        ("[]", "parameters"),
        ('{"parameters": [{"operation": "OR", "age": {"ranges": ["18-25"]}}]}', "parameters[0].age.ranges[0]"),
        (
            '[{"operation": "AND", "bio_search": {"phrases": ["x"], "search_in_twitter": true}}]',
            "parameters[0].operation",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(stage: Stage, text: str, field: Any) -> None:
    with pytest.raises(InvalidRule) as refused:
        LANGUAGE.read(stage.house, stage.operator, text)
    assert refused.value.field == field
    assert (refused.value.span is not None) is (field is None)
