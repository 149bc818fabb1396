"""The README says what works, the tests show it: neither can move without the other."""

import ast
from pathlib import Path

import pytest

from tests.apis.readme import ROOMS, STATES, lines, readme_of, with_table

TESTS = Path(__file__).parents[1]


def marks(room: str) -> set[str]:
    """Return every mark that a test of a room carries."""
    found = set()
    for path in [*TESTS.glob(f"apis/{room}/**/test_*.py"), *TESTS.glob(f"journeys/test_{room}_*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "covers":
                found |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return {str(mark) for mark in found}


@pytest.mark.parametrize("line", [line for room in ROOMS for line in lines(room)], ids=lambda line: line.what)
def test_a_line_says_its_state_and_why(line: object) -> None:
    assert line.state in STATES  # type: ignore[attr-defined]  # pytest's ids hide the type
    assert line.state == "works" or line.why  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize("room", ROOMS)
def test_what_works_is_shown_by_a_test_and_every_mark_stands_in_the_table(room: str) -> None:
    promised = {line.mark for line in lines(room) if line.state in {"works", "partly"}}
    assert None not in promised
    assert promised == marks(room)


@pytest.mark.parametrize("room", ROOMS)
def test_the_readme_has_the_table(room: str) -> None:
    text = readme_of(room).read_text()
    assert with_table(room, text) == text, "run: python -m tests.apis.readme"
