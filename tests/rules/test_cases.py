"""Makes tests of every .case file beside this one: read, written again, said, simplified, and asked of each evaluator.

Drop a file here and it is tested; no Python is needed. The form is described in case_file.py.
"""

import json
from pathlib import Path

import pytest
from tests.evaluators import EVALUATORS
from tests.rules.case_file import Case, read_cases
from tests.world import AS_OF, AUDIENCES, CATALOGUE, FIELDS, LISTS, plain_people

from houselights.base.errors import InvalidRule, NotFound
from houselights.rules.check import check
from houselights.rules.english import CatalogueNames, english
from houselights.rules.json_form import node_from_json, node_to_json
from houselights.rules.simplify import simplify
from houselights.rules.tree import Rule

CASES = [case for path in sorted(Path(__file__).parent.glob("*.case")) for case in read_cases(path)]
RULES = [case for case in CASES if not case.refused]
ERRORS = [case for case in CASES if case.refused]

NAMES = CatalogueNames(CATALOGUE, {audience_id: name for audience_id, (name, _) in AUDIENCES.items()}, LISTS)

each_rule = pytest.mark.parametrize("case", RULES, ids=str)


def resolve(audience_id: int) -> Rule:
    if audience_id not in AUDIENCES:
        raise NotFound(f"there is no audience {audience_id}")
    return node_from_json(AUDIENCES[audience_id][1])


def checked(case: Case) -> Rule:
    rule = node_from_json(case.rule)
    check(rule, CATALOGUE, resolve, fields=FIELDS)
    return rule


@each_rule
def test_it_is_read_as_this_tree(case: Case) -> None:
    assert repr(checked(case)) == case.expected["tree"]


@each_rule
def test_it_is_written_as_it_was_read(case: Case) -> None:
    assert node_to_json(checked(case)) == case.rule


@each_rule
def test_it_is_said_in_english(case: Case) -> None:
    assert english(checked(case), NAMES) == case.expected["english"]


@each_rule
def test_it_is_simplified(case: Case) -> None:
    simple = case.expected["simple"]
    expected = checked(case) if simple == "same" else node_from_json(json.loads(simple))
    assert simplify(checked(case)) == expected


@pytest.mark.parametrize("evaluator", EVALUATORS)
@each_rule
def test_these_people_match(case: Case, evaluator: str) -> None:
    found = EVALUATORS[evaluator](checked(case), plain_people(), CATALOGUE, resolve, AS_OF)
    assert found == case.who()


@pytest.mark.parametrize("case", ERRORS, ids=str)
def test_it_is_refused(case: Case) -> None:
    with pytest.raises(InvalidRule) as caught:
        checked(case)
    said = {"error": caught.value.message, "field": caught.value.field, "hint": caught.value.hint}
    expected = {word: case.expected.get(word) for word in ("error", "field", "hint")}
    assert said == expected


def test_the_corpus_is_not_empty() -> None:
    assert len(RULES) >= 60
    assert len(ERRORS) >= 20
