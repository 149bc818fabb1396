"""Writes targeting expressions: `asks([food, travel], [running], without=[movers])`."""

from collections.abc import Sequence
from typing import Any


def members(*included: Sequence[str], without: Sequence[str] = (), spelt: bool = True) -> list[dict[str, Any]]:
    """Return the members of an expression: each argument a group, `without` the excluded one.

    With `spelt`, `negative` is a string, as in every published sample; otherwise a boolean, as in the specification.
    """
    yes, no = ("true", "false") if spelt else (True, False)
    groups = [(f"Group {n}", no, group) for n, group in enumerate(included, 1)]
    groups += [("out", yes, without)] if without else []
    return [
        {"negative": negative, "groupId": name, "audienceId": audience}
        for name, negative, group in groups
        for audience in group
    ]


def asks(*included: Sequence[str], without: Sequence[str] = (), spelt: bool = True, **more: Any) -> dict[str, Any]:
    """Return the body of an insight."""
    return {"audienceTargetingExpression": {"audiences": members(*included, without=without, spelt=spelt)}, **more}
