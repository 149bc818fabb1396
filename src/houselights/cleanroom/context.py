"""What every part of the compiler needs to know of the question, and the names it hands out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlglot import exp

from houselights.cleanroom.lineage import Relation, Value
from houselights.cleanroom.question import Parameters, Window
from houselights.cleanroom.tables import Table, fold


@dataclass(kw_only=True)
class Context:
    """One compilation. `read` are the tables read so far; `named` the CTEs written so far, in order."""

    tables: dict[str, Table]
    window: Window
    now: datetime
    parameters: Parameters
    relation: Callable[["Context", exp.Expr, "Names"], Relation]
    readers: Mapping[type[exp.Expr], Callable[[Any, Any], Value]]
    only_for_audiences: bool = False
    read: list[Table] = field(default_factory=list)
    named: list[tuple[str, exp.Expr]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    count: int = 0

    def fresh(self, letter: str) -> str:
        """Return a name that nothing else has."""
        self.count += 1
        return f"{letter}{self.count}"

    def note(self, text: str) -> None:
        """Keep a sentence for the reader, once."""
        if text not in self.notes:
            self.notes.append(text)

    def retired(self, name: str) -> str | None:
        """Return what a column is called now that once had this name in one of the tables read so far."""
        for table in self.read:
            for old, new in table.retired.items():
                if fold(old) == name:
                    return new
        return None


Names = dict[str, Relation]
"""The CTEs in sight, by folded name."""
