"""Random trees through text and through JSON come back as they were."""

import json

import pytest
from hypothesis import given, settings

from houselights.apis.adobe.language.json_form import to_nodes, write_json
from houselights.apis.adobe.language.json_read import read_json
from houselights.apis.adobe.language.parse import parse
from houselights.apis.adobe.language.write import write
from houselights.rules.values import Value
from houselights.rules.values_english import english
from houselights.rules.walk import depth
from tests.apis.adobe.language.trees import trees


@settings(max_examples=150)
@given(trees())
def test_tree_to_text_to_tree(tree: Value) -> None:
    text = write(tree)
    assert parse(text).tree == tree
    assert write(parse(text).tree) == text


@settings(max_examples=100)
@given(trees())
def test_tree_to_json_to_tree(tree: Value) -> None:
    assert read_json(write_json(tree)) == tree
    assert read_json(json.loads(write_json(tree))) == tree
    assert read_json(to_nodes(tree)) == tree


@settings(max_examples=50)
@given(trees())
def test_every_tree_has_an_english_and_a_depth(tree: Value) -> None:
    assert english(tree)
    assert depth(tree) >= 1


@pytest.mark.slow
@settings(max_examples=500)
@given(trees(depth=4))
def test_deeper_trees_come_back_from_text_and_json(tree: Value) -> None:
    assert parse(write(tree)).tree == tree
    assert read_json(write_json(tree)) == tree
