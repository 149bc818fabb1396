"""The order of evaluation: one short rule, the same in whatever order the parameters stand.

    people = (union of every OR), then kept by every AND, then without every NOT

So a later OR brings nobody back whom an AND or a NOT takes away, wherever it stands. Within one parameter, any of
what is listed will do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from houselights.rules.tree import And, Not, Or, Rule

ORDER = "union of every OR, then kept by every AND, then without every NOT; the order of the parameters does not matter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One parameter, understood: whom it means, and what of it meant nobody."""

    position: int
    operation: str
    kind: str
    rule: Rule
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All parameters of an audience, in the order of evaluation."""

    parts: tuple[Part, ...]

    @property
    def ordered(self) -> tuple[Part, ...]:
        """The parts as they are evaluated: those that include, those that filter, those that exclude."""
        return tuple(part for operation in ("OR", "AND", "NOT") for part in self.of(operation))

    def of(self, operation: str) -> tuple[Part, ...]:
        """Return the parts with one operation, in the order they were written."""
        return tuple(part for part in self.parts if part.operation == operation)

    @property
    def notes(self) -> list[str]:
        """Everything that meant nobody, with its place."""
        return [f"parameters[{part.position}]: {note}" for part in self.parts for note in part.notes]

    @property
    def rule(self) -> Rule:
        """The people of all parts together."""
        return together(self.parts)


def together(parts: Sequence[Part]) -> Rule:
    """Return the people of some parts together; nobody while none includes."""
    included = [part.rule for part in parts if part.operation == "OR"]
    union = included[0] if len(included) == 1 else Or(tuple(included))
    kept = [part.rule for part in parts if part.operation == "AND"]
    without = [Not(part.rule) for part in parts if part.operation == "NOT"]
    return And((union, *kept, *without)) if kept or without else union
