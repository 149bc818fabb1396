"""Reads the JSON form of value-level trees (`value_json.py`). Refuses unknown words and nesting past any use."""

import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from houselights.base.errors import InvalidRule
from houselights.rules.json_values import items, members, near, only_true, shown, text, whole_number
from houselights.rules.values import (
    Beside,
    Between,
    Call,
    Chain,
    Comparison,
    During,
    Field,
    Input,
    Lambda,
    Let,
    Listing,
    Literal,
    Member,
    Now,
    Occurs,
    Offset,
    Period,
    Record,
    Side,
    Step,
    Unit,
    Value,
    Variable,
    When,
    Which,
)

# Levels, far from Python's own limit also for evaluators that spend several frames on each, and beyond any use.
DEPTH_MAX = 120
STEPS_MAX = 100  # of one path; each is a level of the tree although it nests nothing in the JSON
_HEXADECIMAL = re.compile(r"-?0x[0-9a-f]{1,256}")
_Word = TypeVar("_Word", bound=StrEnum)


class Reader:
    """Reads one tree; `depth` counts the levels above the node being read."""

    def __init__(self) -> None:
        self.depth = 0
        self.kinds: Mapping[str, Callable[[Any, str], Value]] = {
            "null": self.null,
            "boolean": self.boolean,
            "integer": self.integer,
            "number": self.number,
            "text": lambda content, path: Literal(text(content, path)),
            "date": self.date,
            "instant": self.instant,
            "list": lambda content, path: Listing(self.values(content, path)),
            "record": self.record,
            "input": lambda content, path: Input(whole_number(content, path, low=1)),
            "variable": lambda content, path: Variable(text(content, path)),
            "path": self.path,
            "call": self.call,
            "let": self.let,
            "now": self.now,
            "period": self.period,
            "occurs": self.occurs,
            "chain": self.chain,
            "member": lambda content, path: Member(text(content, path)),
        }

    def value(self, node: object, path: str) -> Value:
        """Read one node."""
        if not isinstance(node, Mapping) or len(node) != 1:
            known = ", ".join(self.kinds)
            raise InvalidRule(f"expected an object with one key, one of {known}; not {shown(node)}", field=path)
        (kind, content), *_ = node.items()
        read = self.kinds.get(kind) if isinstance(kind, str) else None
        if read is None:
            raise InvalidRule(f"unknown kind of value {shown(kind)}", field=path, hint=near(kind, tuple(self.kinds)))
        if self.depth >= DEPTH_MAX:
            raise InvalidRule(f"expressions nest more than {DEPTH_MAX} levels deep", field=path)
        self.depth += 1
        made = read(content, f"{path}.{kind}")
        self.depth -= 1
        return made

    def values(self, content: object, path: str) -> tuple[Value, ...]:
        return tuple(
            self.value(each, f"{path}[{position}]") for position, each in enumerate(items(content, path, "values"))
        )

    # ── literals ────────────────────────────────────────────────────────────────────────────────────────────────────

    def null(self, content: object, path: str) -> Literal:
        only_true(content, path)
        return Literal(None)

    def boolean(self, content: object, path: str) -> Literal:
        if not isinstance(content, bool):
            raise InvalidRule(f"expected true or false, not {shown(content)}", field=path)
        return Literal(content)

    def integer(self, content: object, path: str) -> Literal:
        return Literal(_whole(content, path))

    def number(self, content: object, path: str) -> Literal:
        if content in ("inf", "-inf"):
            return Literal(float(str(content)))
        if isinstance(content, bool) or not isinstance(content, int | float) or not abs(content) <= sys.float_info.max:
            raise InvalidRule(f"expected a number, not {shown(content)}", field=path)
        return Literal(float(content))

    def date(self, content: object, path: str) -> Literal:
        try:
            return Literal(date.fromisoformat(text(content, path)))
        except ValueError as error:
            raise InvalidRule(f"{shown(content)} is no date", field=path, hint='such as "2026-02-28"') from error

    def instant(self, content: object, path: str) -> Literal:
        try:
            moment = datetime.fromisoformat(text(content, path))
            return Literal(moment if moment.tzinfo is None else moment.astimezone(UTC))
        except (ValueError, OverflowError) as error:
            hint = 'such as "2026-02-28T12:30:00+00:00"'
            raise InvalidRule(f"{shown(content)} is no instant", field=path, hint=hint) from error

    # ── the rest ────────────────────────────────────────────────────────────────────────────────────────────────────

    def record(self, content: object, path: str) -> Record:
        entries = []
        for position, entry in enumerate(items(content, path, "pairs of a name and a value")):
            here = f"{path}[{position}]"
            if not isinstance(entry, list) or len(entry) != 2:
                raise InvalidRule(f"expected a name and a value, not {shown(entry)}", field=here)
            entries.append((text(entry[0], f"{here}[0]"), self.value(entry[1], f"{here}[1]")))
        return Record(tuple(entries))

    def path(self, content: object, path: str) -> Value:
        given = members(content, path, required=("steps",), optional=("from",))
        made: Value = self.value(given["from"], f"{path}.from") if "from" in given else Input(1)
        steps = items(given["steps"], f"{path}.steps", "names")
        if not 1 <= len(steps) <= STEPS_MAX:
            raise InvalidRule(f"a path has from 1 to {STEPS_MAX} steps", field=f"{path}.steps")
        for position, step in enumerate(steps):
            made = Field(made, text(step, f"{path}.steps[{position}]"))
        return made

    def call(self, content: object, path: str) -> Call:
        given = members(content, path, required=("function", "arguments"), optional=("ignore_case",))
        arguments = tuple(
            self.argument(each, f"{path}.arguments[{position}]")
            for position, each in enumerate(items(given["arguments"], f"{path}.arguments", "values"))
        )
        ignore_case = given.get("ignore_case", False)
        if not isinstance(ignore_case, bool):
            raise InvalidRule(f"expected true or false, not {shown(ignore_case)}", field=f"{path}.ignore_case")
        return Call(text(given["function"], f"{path}.function"), arguments, ignore_case)

    def argument(self, content: object, path: str) -> Value | Lambda:
        if isinstance(content, Mapping) and set(content) == {"lambda"}:
            return self.function(content["lambda"], f"{path}.lambda")
        return self.value(content, path)

    def function(self, content: object, path: str) -> Lambda:
        given = members(content, path, required=("names", "body"))
        names = items(given["names"], f"{path}.names", "names")
        return Lambda(
            tuple(text(each, f"{path}.names[{position}]") for position, each in enumerate(names)),
            self.value(given["body"], f"{path}.body"),
        )

    def let(self, content: object, path: str) -> Let:
        given = members(content, path, required=("name", "value", "in"))
        return Let(
            text(given["name"], f"{path}.name"),
            self.value(given["value"], f"{path}.value"),
            self.value(given["in"], f"{path}.in"),
        )

    def now(self, content: object, path: str) -> Now:
        only_true(content, path)
        return Now()

    def period(self, content: object, path: str) -> Period:
        given = members(content, path, required=("which", "unit"))
        return Period(_word(Which, given["which"], f"{path}.which"), _word(Unit, given["unit"], f"{path}.unit"))

    def occurs(self, content: object, path: str) -> Occurs:
        given = members(content, path, required=("time", "when"))
        return Occurs(self.value(given["time"], f"{path}.time"), self.when(given["when"], f"{path}.when"))

    def when(self, content: object, path: str) -> When:
        kinds = ("offset", "beside", "during", "between")
        kind = next(iter(content)) if isinstance(content, Mapping) and len(content) == 1 else None
        if not isinstance(content, Mapping) or kind not in kinds:
            raise InvalidRule(f"expected an object with one key, one of {', '.join(kinds)}", field=path)
        inner, path = content[kind], f"{path}.{kind}"
        if kind == "during":
            return During(self.value(inner, path))
        if kind == "between":
            given = members(inner, path, required=("low", "high"))
            return Between(self.value(given["low"], f"{path}.low"), self.value(given["high"], f"{path}.high"))
        if kind == "beside":
            given = members(inner, path, required=("side", "anchor"))
            return Beside(_word(Side, given["side"], f"{path}.side"), self.value(given["anchor"], f"{path}.anchor"))
        given = members(inner, path, required=("compare", "amount", "unit", "side", "anchor"))
        return Offset(
            _word(Comparison, given["compare"], f"{path}.compare"),
            _whole(given["amount"], f"{path}.amount"),
            _word(Unit, given["unit"], f"{path}.unit"),
            _word(Side, given["side"], f"{path}.side"),
            self.value(given["anchor"], f"{path}.anchor"),
        )

    def chain(self, content: object, path: str) -> Chain:
        given = members(content, path, required=("events", "time", "steps"))
        steps = items(given["steps"], f"{path}.steps", "steps")
        return Chain(
            self.value(given["events"], f"{path}.events"),
            self.function(given["time"], f"{path}.time"),
            tuple(self.step(each, f"{path}.steps[{position}]") for position, each in enumerate(steps)),
        )

    def step(self, content: object, path: str) -> Step:
        given = members(content, path, required=("label", "what"), optional=("when", "count", "where"))
        return Step(
            label=text(given["label"], f"{path}.label"),
            what=self.function(given["what"], f"{path}.what"),
            when=self.when(given["when"], f"{path}.when") if "when" in given else None,
            count=_whole(given.get("count", 1), f"{path}.count"),
            where=self.function(given["where"], f"{path}.where") if "where" in given else None,
        )


def _whole(content: object, path: str) -> int:
    """Read a whole number of any size: large ones are written in hexadecimal, as text."""
    if type(content) is int:
        return content
    if isinstance(content, str) and _HEXADECIMAL.fullmatch(content):
        return int(content, 16)
    raise InvalidRule(f"expected a whole number, not {shown(content)}", field=path)


def _word(words: type[_Word], content: object, path: str) -> _Word:
    known = tuple(each.value for each in words)
    if content not in known:
        raise InvalidRule(f"expected one of {', '.join(known)}; not {shown(content)}", field=path,
                          hint=near(content, known))  # fmt: skip
    return words(content)
