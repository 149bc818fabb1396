"""A question comes back from JSON as it was; values have the types of their parameters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from houselights.base.errors import InvalidInput
from houselights.cleanroom.question import Behaviour
from houselights.model.workflow import InputParameter, TimeWindow, WindowKind
from houselights.services.workflows.question import Asked, checked_values

WINDOW = TimeWindow(
    kind=WindowKind.CURRENT_MONTH, start=datetime(2026, 10, 1, tzinfo=UTC), end=datetime(2026, 10, 9, tzinfo=UTC),
    zone="Europe/Berlin",
)  # fmt: skip


def test_a_question_is_kept_whole() -> None:
    asked = Asked(
        sql="SELECT 1", window=WINDOW, values={"a": 1, "b": ("x", "y")}, whole_rows=False, discriminator="filtered",
        reason_column="why", floor=25, columns=("a", "b"), timeout_seconds=900, keeps_file=False, separator=";",
    )  # fmt: skip
    again = Asked.from_json(asked.to_json())
    assert again.to_json() == asked.to_json()
    assert (again.window, again.columns, again.floor) == (WINDOW, ("a", "b"), 25)
    assert (again.privacy.behaviour, again.privacy.discriminator) == (Behaviour.REMOVE_VALUES, "filtered")
    assert (again.events.start, again.events.zone) == (WINDOW.start, "Europe/Berlin")


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("STRING", "x", "x"),
        ("STRING", 7, "7"),
        ("INTEGER", "7", 7),
        ("LONG", 413642381039213536, 413642381039213536),
        ("DECIMAL", "1.5", 1.5),
        ("BOOLEAN", "TRUE", True),
        ("BOOLEAN", False, False),
        ("DATE", "2026-10-01", "2026-10-01"),
        ("TIMESTAMP", "2026-10-01T12:00:00", "2026-10-01 12:00:00"),
        ("INTEGER", ["1", 2], (1, 2)),
    ],
)
def test_values_have_the_declared_type(kind: str, given: Any, value: Any) -> None:
    assert checked_values([InputParameter(name="p", type=kind)], {"p": given}) == {"p": value}


def test_a_default_stands_in() -> None:
    assert checked_values([InputParameter(name="p", type="LONG", default="3")], {}) == {"p": 3}


@pytest.mark.parametrize(
    ("given", "field"),
    [({"q": 1, "p": 1}, "values.q"), ({}, "values.p"), ({"p": "one"}, "values.p"), ({"p": ["1", "x"]}, "values.p")],
)
def test_what_does_not_fit_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        checked_values([InputParameter(name="p", type="INTEGER")], given)
    assert refusal.value.field == field
