"""Reads a .case file: rules with what is expected of them, in plain text.

    == a name that says what is to be seen
    rule: {"and": [{"audience": "9001"}, {"listed": "502"}]}
    tree: And(rules=(InAudience(audience_id=9001), Listed(list_id=502, within_seconds=None)))
    english: People in “Cooks” and on list “VIP”.
    simple: {"and": [{"audience": "9001"}, {"listed": "502"}]}
    who: ada kofi

`rule` and `simple` are JSON nodes without the version; `simple: same` says that nothing can be simplified. `who`
names people of tests/world.py, `everyone`, `nobody`, or `everyone but` some. A rule that must be refused has `error`
(the message), `field` (its path) and, where there is one, `hint`. A line that starts with a space continues the one
before; `#` starts a comment line. Nothing else is allowed, so that a misspelt expectation cannot go unnoticed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.world import IDS

EXPECTED_OF_A_RULE = ("rule", "tree", "english", "simple", "who")
EXPECTED_OF_AN_ERROR = ("rule", "error", "field", "hint")


@dataclass(frozen=True)
class Case:
    """One rule and its expectations, by their names in the file."""

    file: str
    line: int
    name: str
    expected: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.name}"

    @property
    def rule(self) -> Any:
        """The JSON of the rule, as written."""
        return json.loads(self.expected["rule"])

    @property
    def refused(self) -> bool:
        return "error" in self.expected

    def who(self) -> set[int]:
        """The ids of the people expected to match."""
        words = self.expected["who"].split()
        if words == ["everyone"]:
            return set(IDS.values())
        if words == ["nobody"]:
            return set()
        if words[:2] == ["everyone", "but"]:
            return set(IDS.values()) - {IDS[key] for key in words[2:]}
        return {IDS[key] for key in words}


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the cases of a file; raises ValueError, with file and line, for anything that is not as described."""
    name, start, expected = "", 0, dict[str, str]()
    last = ""
    for number, line in enumerate([*path.read_text().splitlines(), "== "], start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("== "):
            if name:
                yield _complete(Case(path.name, start, name, expected))
            name, start, expected = line[3:].strip(), number, {}
        elif line.startswith(" ") and last in expected:
            expected[last] += f" {line.strip()}"
        else:
            last, colon, value = line.partition(":")
            if not colon or last in expected or not name:
                raise ValueError(f"{path.name}:{number}: expected one more of the known words, not {line!r}")
            expected[last] = value.strip()


def _complete(case: Case) -> Case:
    allowed = EXPECTED_OF_AN_ERROR if case.refused else EXPECTED_OF_A_RULE
    required = ("rule", "error", "field") if case.refused else allowed
    unknown = set(case.expected) - set(allowed)
    missing = set(required) - set(case.expected)
    if unknown or missing:
        raise ValueError(f"{case}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    return case
