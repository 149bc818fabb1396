"""Every way to work out who is in a rule, under one signature. A new evaluator is one more line in EVALUATORS, and is
then asked every case and every property that the others are.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from houselights.engine import plain
from houselights.engine.plain import Person, Resolve
from houselights.model.catalogue import Catalogue
from houselights.rules.tree import Rule

# (rule, people, catalogue, resolve, as_of) → the ids of those who match
Evaluator: TypeAlias = Callable[[Rule, Sequence[Person], Catalogue, Resolve, datetime], set[int]]


def by_plain(rule: Rule, people: Sequence[Person], catalogue: Catalogue, resolve: Resolve, as_of: datetime) -> set[int]:
    return plain.members(rule, people, resolve=resolve, as_of=as_of)


EVALUATORS: Mapping[str, Evaluator] = {
    "plain": by_plain,
}
