"""Reads and fills the corpus: one expression a block, and indented facts about it.

    person.birthMonth > 2
      spelt  …    the canonical text, when it is another
      means  …    the English
      who    …    the people of the small world for whom it holds; `-` for nobody
      gives  …    for an expression that is no condition: what it answers, for whom it answers anything
      by     …    the methods that can evaluate it, when not all three can

`python -m tests.apis.adobe.language.cases FILE…` adds the facts that a block does not have yet; read them before you
believe them. Facts that stand there are never touched.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from houselights.apis.adobe.language.check import check
from houselights.apis.adobe.language.eligibility import Method, eligibility
from houselights.apis.adobe.language.parse import parse
from houselights.apis.adobe.language.write import write
from houselights.engine.values.evaluate import Circumstances, evaluate, holds
from houselights.model.schema import Scalar
from houselights.rules.values import EVENTS, Call, Field, Input
from houselights.rules.values_english import english
from tests.apis.adobe.profiles import KEYS, NOW, PEOPLE_BY_KEY, SCHEMA, is_member

EVENT_LIST = Field(Input(1), EVENTS)
CORPUS = Path(__file__).parent / "corpus"


@dataclass
class Case:
    """One block of a file."""

    file: str
    line: int
    text: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}"


def read_cases(path: Path) -> Iterator[Case]:
    case: Case | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("  "):
            assert case is not None, f"{path}:{number}: a fact about nothing"
            word, _, fact = line.strip().partition(" ")
            case.facts[word] = fact.strip()
            continue
        if case is not None:
            yield case
        case = Case(path.stem, number, line)
    if case is not None:
        yield case


def all_cases() -> list[Case]:
    return [case for path in sorted(CORPUS.glob("*.case")) for case in read_cases(path)]


def facts_of(text: str) -> dict[str, str]:
    """Everything the corpus says about an expression, worked out anew."""
    parsed = parse(text)
    tree = parsed.tree
    kind = check(parsed, SCHEMA)
    # A filter is asked whether it finds anything; any other list, what is in it.
    condition = kind is Scalar.BOOLEAN or (isinstance(tree, Call) and tree.function == "filter") or tree == EVENT_LIST
    facts = {"means": english(tree, is_condition=condition)}
    if write(tree) != text:
        facts["spelt"] = write(tree)
    if condition:
        who = [
            key
            for key in KEYS
            if holds(tree, PEOPLE_BY_KEY[key], now=NOW, is_member=lambda audience, key=key: is_member(key, audience))
        ]
        facts["who"] = " ".join(who) or "-"
        found = eligibility(tree)
        methods = [method.value for method in Method if found.allows(method)]
        if len(methods) < len(Method):
            facts["by"] = " ".join(methods)
    else:
        answers = {key: answer(tree, key) for key in KEYS}
        facts["gives"] = "; ".join(
            f"{key} {shown(each)}" for key, each in answers.items() if each not in (None, [], {})
        )
    return facts


def answer(tree: Any, key: str) -> Any:
    return evaluate(
        tree,
        Circumstances(inputs=(PEOPLE_BY_KEY[key],), now=NOW, is_member=lambda audience: is_member(key, audience)),
    )


def shown(value: Any) -> str:
    """A short spelling of an answer: of objects only how many, except in maps of plain values."""
    match value:
        case list() if any(isinstance(each, dict) for each in value):
            return f"{len(value)} item{'s' if len(value) > 1 else ''}"
        case list():
            return f"[{', '.join(map(shown, value))}]"
        case dict():
            return "{" + ", ".join(f"{key}: {shown(each)}" for key, each in value.items()) + "}"
        case bool():
            return str(value).lower()
        case None:
            return "null"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def fill(path: Path) -> None:
    """Add the facts that are missing."""
    lines: list[str] = []
    known = {case.line: case for case in read_cases(path)}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        lines.append(line)
        if number in known:
            facts = facts_of(line)
            order = [word for word in ("spelt", "means", "who", "gives", "by") if word in facts]
            lines += [f"  {word:<6} {facts[word]}" for word in order if word not in known[number].facts]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        fill(Path(name))
