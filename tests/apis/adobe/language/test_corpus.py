"""Every expression of the corpus: what it is read as, spelt as, means, whom it matches, and how it can be evaluated."""

import pytest

from houselights.apis.adobe.language.check import check
from houselights.apis.adobe.language.json_form import write_json
from houselights.apis.adobe.language.json_read import read_json
from houselights.apis.adobe.language.parse import parse
from houselights.apis.adobe.language.write import write
from tests.apis.adobe.language.cases import Case, all_cases, facts_of
from tests.apis.adobe.profiles import SCHEMA

CASES = all_cases()
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len({case.text for case in CASES}) >= 250


@each_case
def test_the_facts_hold(case: Case) -> None:
    assert facts_of(case.text) == case.facts


@each_case
def test_text_to_tree_to_text_is_stable(case: Case) -> None:
    tree = parse(case.text).tree
    text = write(tree)
    assert parse(text).tree == tree
    assert write(parse(text).tree) == text


@each_case
def test_json_loses_nothing(case: Case) -> None:
    tree = parse(case.text).tree
    assert read_json(write_json(tree)) == tree


@each_case
def test_the_canonical_text_checks_as_the_tree_does(case: Case) -> None:
    parsed = parse(case.text)
    assert check(parsed, SCHEMA) == check(parsed.tree, SCHEMA)
