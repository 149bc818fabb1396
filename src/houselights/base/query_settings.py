"""Knobs of questions in SQL: how many at once, for how long, with how much memory, and what is kept of them.

An operator sets them in `HOUSELIGHTS_QUERIES="parallel=10,keep_days=30"` and the classes of columns in
`HOUSELIGHTS_COLUMN_CLASSES="price=NONE,purchase.sku=MEDIUM"`. Refuses words that are no knobs.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean

QUERIES, CLASSES = "HOUSELIGHTS_QUERIES", "HOUSELIGHTS_COLUMN_CLASSES"


@dataclass(frozen=True, slots=True)
class QuerySettings:
    """`parallel` executions run at once in one clean room, `threads` in one process; the others wait.

    A query may use `memory` (as DuckDB writes it) and `threads_each`. Without a limit of its own it ends after
    `timeout_seconds`. Files of results are deleted `keep_days` after they were written; a link to one lives for
    `link_seconds`. An audience made by a query and never refreshed is put out of use `unrefreshed_days` after it was
    made. A process that has not been heard of for `lease_seconds` is taken for dead,
    and what it ran is begun again, at most `attempts` times in all. `user_type` is what the tables call the kind of id
    that people have. `classes` says how sensitive a column is, by its name or by `table.column`, before the house's own
    table (`services/workflows/classes.py`) is asked.
    """

    parallel: int = 10
    threads: int = 10
    threads_each: int = 1
    memory: str = "1GB"
    timeout_seconds: int = 14_400
    keep_days: int = 30
    link_seconds: int = 3600
    unrefreshed_days: int = 30
    lease_seconds: float = 30.0
    attempts: int = 3
    user_type: str = "adUserId"
    classes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> "QuerySettings":
        """Read both variables. Raises InvalidInput for an unknown knob, or a value that is no number where one is."""
        kinds: dict[str, type[Any]] = {each.name: type(getattr(cls(), each.name)) for each in fields(cls)}
        del kinds["classes"]
        values: dict[str, Any] = {}
        for name, text in _pairs(QUERIES).items():
            if name not in kinds:
                raise InvalidInput(f'there is no knob "{name}"', field=QUERIES, hint=did_you_mean(name, set(kinds)))
            try:
                values[name] = kinds[name](text)
            except ValueError as error:
                raise InvalidInput(f'"{text}" is no number', field=f"{QUERIES} {name}") from error
        return cls(**values, classes=_pairs(CLASSES))


def _pairs(variable: str) -> dict[str, str]:
    """Read `name=value,name=value`. Raises InvalidInput for anything else."""
    pairs = {}
    for part in filter(None, (each.strip() for each in os.environ.get(variable, "").split(","))):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not name or not value:
            raise InvalidInput(f'expected "name=value", found "{part}"', field=variable)
        pairs[name] = value
    return pairs
