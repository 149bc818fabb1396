"""The README says what works, the tests show it: neither can move without the other."""

import ast
from pathlib import Path

import pytest

from tests.apis.adobe.readme import README, STATES, lines, with_table

TESTS = Path(__file__).parents[2]


def marks() -> set[str]:
    """Return every mark that a test of this room carries."""
    found = set()
    for path in [*TESTS.glob("apis/adobe/test_*.py"), *TESTS.glob("journeys/test_adobe_*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "covers":
                found |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return {str(mark) for mark in found}


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.what)
def test_a_line_says_its_state_and_why(line: object) -> None:
    assert line.state in STATES  # type: ignore[attr-defined]  # pytest's ids hide the type
    assert line.state == "works" or line.why  # type: ignore[attr-defined]  # as above


def test_what_works_is_shown_by_a_test_and_every_mark_stands_in_the_table() -> None:
    promised = {line.mark for line in lines() if line.state in {"works", "partly"}}
    assert None not in promised
    assert promised == marks()


def test_the_readme_has_the_table() -> None:
    text = README.read_text()
    assert with_table(text) == text, "run: python -m tests.apis.adobe.readme"
