"""The pql/json form read: JSON nodes to tree. Refuses, by the path in the JSON, what has no meaning or no text.

Accepts what the text form cannot tell apart: fieldLookup without an object (the profile), a list as a literal, a lambda
around the whole (its variables are the inputs), whole doubles where integers are meant, words in any case.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Never

from houselights.apis.adobe.language.build import DEEPEST, MOST_INPUTS
from houselights.apis.adobe.language.json_form import DAY_WORDS
from houselights.apis.adobe.language.parse import LONGEST_TEXT
from houselights.apis.adobe.language.quoting import can_be_written, is_name
from houselights.apis.adobe.language.scope import step_of
from houselights.apis.adobe.language.words import CALLS, INFIX, METHODS, OF_NOW, RESERVED, TAKE_CASE_FLAG
from houselights.base.errors import InvalidRule
from houselights.base.suggest import did_you_mean
from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.table import Mapper
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

LONGEST_JSON = 16 * LONGEST_TEXT  # a node takes some sixteen times the room of the text it stands for


def read_json(value: str | Mapping[str, Any]) -> Value:
    """Read pql/json, given as JSON text or as the object itself. Raises InvalidRule with the path of the fault."""
    found: Any = value
    if isinstance(value, str):
        if len(value) > LONGEST_JSON:
            raise InvalidRule(f"an expression in JSON may have {LONGEST_JSON} characters; this one has {len(value)}")
        try:
            found = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise InvalidRule(f"this is not JSON: {error}", field="value") from None
    if isinstance(found, Mapping) and found.get("nodeType") == "lambda":
        names = _names(found, "value")
        inputs = {name: Input(position) for position, name in enumerate(names, start=1)}
        return _Reader(inputs).value(found.get("body"), "value.body")
    return _Reader({}).value(found, "value")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads nodes in a scope. `unnamed` counts the filters around us whose item has no name."""

    bound: Mapping[str, Value]
    unnamed: int = 0
    depth: int = 0

    def value(self, node: Any, path: str) -> Value:
        if not isinstance(node, Mapping):
            _fail(path, "a node is an object with a nodeType")
        if self.depth >= DEEPEST:
            _fail("value", f"nested too deeply: more than {DEEPEST} levels", "split it into several audiences")
        below = _Reader(self.bound, self.unnamed, self.depth + 1)
        kind = node.get("nodeType")
        read = _READERS.get(kind) if isinstance(kind, str) else None
        if read is None:
            hint = did_you_mean(str(kind), _READERS)
            _fail(f"{path}.nodeType", f"there is no node {kind!r}" if kind else "a node has a nodeType", hint)
        return read(below, node, path)

    def function(self, node: Any, variables: int, path: str) -> Lambda:
        if not isinstance(node, Mapping) or node.get("nodeType") != "lambda":
            _fail(path, "a lambda must stand here")
        names = _names(node, path)
        if len(names) != variables:
            _fail(f"{path}.varNames", f"this lambda must have {variables} variables, not {len(names)}")
        unnamed = self.unnamed
        if names[0].startswith("@"):
            unnamed += 1
            if names != (f"@{unnamed}",):
                _fail(f"{path}.varNames", f"the item of an unnamed filter is called @{unnamed} here")
        bound = {**self.bound, **{name: Variable(name) for name in names}}
        return Lambda(names, _Reader(bound, unnamed, self.depth + 1).value(node.get("body"), f"{path}.body"))

    # ---- one method for each node ------------------------------------------------------------------------------------

    def literal(self, node: Mapping[str, Any], path: str) -> Value:
        value, kind = node.get("value"), str(node.get("literalType", "")).lower()
        if isinstance(value, list):
            items = [item if isinstance(item, Mapping) else {"nodeType": "literal", "value": item} for item in value]
            return self.array({"items": items}, path)
        try:
            return Literal(_plain(value, kind))
        except (ValueError, OverflowError):
            _fail(f"{path}.value", f"{value!r} is not a {node.get('literalType')}")

    def array(self, node: Mapping[str, Any], path: str) -> Value:
        items = _list(node, "items", path)
        return Listing(tuple(self.value(item, f"{path}.items[{place}]") for place, item in enumerate(items)))

    def object(self, node: Mapping[str, Any], path: str) -> Value:
        fields = node.get("fields")
        if not isinstance(fields, Mapping):
            _fail(f"{path}.fields", "an object has its fields here")
        return Record(tuple((str(name), self.value(each, f"{path}.fields.{name}")) for name, each in fields.items()))

    def parameter(self, node: Mapping[str, Any], path: str) -> Value:
        return Input(_whole(node, "position", path, 1, MOST_INPUTS))

    def variable(self, node: Mapping[str, Any], path: str) -> Value:
        name = node.get("varName")
        if name not in self.bound:
            _fail(f"{path}.varName", f"no variable is called {name!r} here", did_you_mean(str(name), self.bound))
        if str(name).startswith("@"):
            _fail(f"{path}.varName", "the item of an unnamed filter can only be asked for its fields")
        return self.bound[str(name)]

    def field(self, node: Mapping[str, Any], path: str) -> Value:
        name, of = node.get("fieldName"), node.get("object")
        if not isinstance(name, str) or not can_be_written(name):
            _fail(f"{path}.fieldName", f"{name!r} is not the name of a field")
        if of is None:
            return step_of(Input(1), name)
        if isinstance(of, Mapping) and of.get("nodeType") == "varRef" and str(of.get("varName")).startswith("@"):
            variable = str(of["varName"])
            if variable in self.bound:
                return Field(Variable(variable), name)
        return step_of(self.value(of, f"{path}.object"), name)

    def let(self, node: Mapping[str, Any], path: str) -> Value:
        name = node.get("varName")
        _check_name(name, f"{path}.varName")
        value = self.value(node.get("bound"), f"{path}.bound")
        inner = _Reader({**self.bound, str(name): Variable(str(name))}, self.unnamed, self.depth)
        return Let(str(name), value, inner.value(node.get("body"), f"{path}.body"))

    def chain(self, node: Mapping[str, Any], path: str) -> Value:
        time = node.get("timestampField")
        if isinstance(time, Mapping) and time.get("nodeType") != "lambda":  # the node alone: a path below the event
            time = {"nodeType": "lambda", "varNames": [f"@{self.unnamed + 1}"], "body": self._of_event(time)}
        steps: list[Step] = []
        for place, each in enumerate(_list(node, "elements", path)):
            steps.append(self._step(each, f"{path}.elements[{place}]", [step.label for step in steps]))
        if not steps:
            _fail(f"{path}.elements", "a chain has at least one element")
        clock = self.function(time, 1, f"{path}.timestampField")
        return Chain(self.value(node.get("array"), f"{path}.array"), clock, tuple(steps))

    def _of_event(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        inner = node.get("object")
        if node.get("nodeType") != "fieldLookup" or (isinstance(inner, Mapping) and inner.get("nodeType") == "varRef"):
            return node
        below = self._of_event(inner) if isinstance(inner, Mapping) and "fieldName" in inner else None
        return {**node, "object": below or {"nodeType": "varRef", "varName": f"@{self.unnamed + 1}"}}

    def _step(self, node: Any, path: str, earlier: Sequence[str]) -> Step:
        if not isinstance(node, Mapping):
            _fail(path, "an element of a chain is an object")
        label = node.get("label", f"C{len(earlier)}")
        _check_name(label, f"{path}.label")
        if label in earlier:
            _fail(f"{path}.label", f"two steps are labelled {label!r}")
        seen = _Reader({**self.bound, **{name: Variable(name) for name in earlier}}, self.unnamed, self.depth)
        return Step(
            str(label),
            self.function(node.get("what"), 1, f"{path}.what"),
            seen.when(node["when"], f"{path}.when") if node.get("when") is not None else None,
            _whole(node, "count", path, 1, 2**63 - 1) if "count" in node else 1,
            self.function(node["where"], 1, f"{path}.where") if node.get("where") is not None else None,
        )

    def when(self, node: Any, path: str) -> When:
        if not isinstance(node, Mapping) or node.get("nodeType") != "when":
            _fail(path, "a node of type when must stand here")
        if "from" in node or "to" in node:
            return Between(self.value(node.get("from"), f"{path}.from"), self.value(node.get("to"), f"{path}.to"))
        time = self.value(node.get("time"), f"{path}.time")
        if "direction" not in node:
            return During(time)
        side = _word(node, "direction", path, Side)
        if "comparison" not in node:
            return Beside(side, time)
        compare = INFIX.get(str(node["comparison"]))
        if compare not in set(Comparison):
            _fail(f"{path}.comparison", f"{node['comparison']!r} does not compare")
        amount = _whole(node, "amount", path, 0, 2**63 - 1)
        return Offset(Comparison(compare), amount, _word(node, "unit", path, Unit), side, time)

    def apply(self, node: Mapping[str, Any], path: str) -> Value:
        word, params = str(node.get("fnName")), _list(node, "params", path)
        match word.lower() if word.lower() in _PLAIN_FORMS else word:
            case "now":
                return Now()
            case ("yesterday" | "today" | "tomorrow") as day:
                return Period(next(which for which, each in DAY_WORDS.items() if each == day), Unit.DAY)
            case ("last" | "this" | "next") as which:
                return Period(Which(which), _word(params[0] if params else {}, "value", f"{path}.params[0]", Unit))
            case "occurs":
                _count(params, 2, 2, path)
                return Occurs(self.value(params[0], f"{path}.params[0]"), self.when(params[1], f"{path}.params[1]"))
            case "inSegment":
                _count(params, 1, 1, path)
                audience = self.value(params[0], f"{path}.params[0]")
                if isinstance(audience, Literal) and isinstance(audience.value, str):
                    return Member(audience.value)
                _fail(f"{path}.params[0]", "inSegment takes the id of one audience, as a literal")
        if word in OF_NOW:
            ours = OF_NOW[word]
            _count(params, FUNCTIONS[ours].signature.fewest - 1, FUNCTIONS[ours].signature.fewest - 1, path)
            return Call(ours, (*self._values(params, path), Now()))
        return self._call(word, params, path)

    def _values(self, params: Sequence[Any], path: str) -> list[Value]:
        return [self.value(param, f"{path}.params[{place}]") for place, param in enumerate(params)]

    def _call(self, word: str, params: Sequence[Any], path: str) -> Value:
        ours = _FUNCTIONS.get(word) or _FUNCTIONS.get(word.lower())
        if ours is None:
            _fail(f"{path}.fnName", f"there is no function {word!r}", did_you_mean(word, _FUNCTIONS))
        ignore_case = False
        if ours in TAKE_CASE_FLAG and len(params) > 2 and isinstance(_flag(params[-1]), bool):
            ignore_case, params = _flag(params[-1]) is False, params[:-1]
        if ours == "map" and len(params) == 2 and len(_list(params[1], "varNames", f"{path}.params[1]")) == 2:
            ours = "map_entries"
        if ours == "get" and len(params) == 2 and _is_index(params[1]):
            ours = "item"
        signature = FUNCTIONS[ours].signature
        _count(params, 2 if ours in {"and", "or"} else signature.fewest, signature.most, path)
        arguments: list[Value | Lambda] = []
        for place, param in enumerate(params):
            kind, at = signature.parameter(place).kind, f"{path}.params[{place}]"
            arguments.append(
                self.function(param, len(kind.takes), at) if isinstance(kind, Mapper) else self.value(param, at)
            )
        return Call(ours, tuple(arguments), ignore_case)


_FUNCTIONS: Mapping[str, str] = {**INFIX, **METHODS, **CALLS, "not": "not", "date": "date_of"}
_PLAIN_FORMS = frozenset({"now", "yesterday", "today", "tomorrow", "last", "this", "next", "occurs"})
_READERS: Mapping[str, Callable[[_Reader, Mapping[str, Any], str], Value]] = {
    "fnApply": _Reader.apply,
    "fieldLookup": _Reader.field,
    "parameterReference": _Reader.parameter,
    "varRef": _Reader.variable,
    "literal": _Reader.literal,
    "array": _Reader.array,
    "object": _Reader.object,
    "let": _Reader.let,
    "chain": _Reader.chain,
}


def _plain(value: Any, kind: str) -> bool | int | float | str | date | datetime | None:
    """Read a literal's value; raises ValueError when it is not of its type."""
    match value:
        case None if kind in {"", "null"}:
            return None
        case bool() if kind in {"", "boolean"}:
            return value
        case int() | float() if kind in {"double", "float", "number"} and not isinstance(value, bool):
            made = float(value)
            if made - made != 0:  # infinite, or not a number
                raise ValueError
            return made
        case int() if kind in {"", "integer", "long", "int", "short"} and not isinstance(value, bool):
            if not -(2**63) <= value < 2**63:
                raise ValueError
            return value
        case float() if kind == "":
            return _plain(value, "double")
        case str() if kind in {"", "string"}:
            value.encode()  # half of a surrogate pair is not text
            return value
        case str() if kind == "date":
            return date.fromisoformat(value)
        case str() if kind == "timestamp":
            made_time = datetime.fromisoformat(value)
            return made_time.replace(tzinfo=UTC) if made_time.tzinfo is None else made_time.astimezone(UTC)
        case _:
            raise ValueError


def _fail(path: str, message: str, hint: str | None = None) -> Never:
    raise InvalidRule(message, field=path, hint=hint)


def _list(node: Any, key: str, path: str) -> list[Any]:
    value = node.get(key, []) if isinstance(node, Mapping) else None
    if not isinstance(value, list):
        _fail(f"{path}.{key}", f"{key} is a list")
    return value


def _whole(node: Mapping[str, Any], key: str, path: str, least: int, most: int) -> int:
    value = node.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        _fail(f"{path}.{key}", f"{key} is a whole number from {least} on")
    return value


def _word(node: Any, key: str, path: str, among: Any) -> Any:
    value = node.get(key) if isinstance(node, Mapping) else None
    try:
        return among(str(value).lower().removesuffix("s") if among is Unit else str(value).lower())
    except ValueError:
        _fail(f"{path}.{key}", f"{value!r} is not one of {', '.join(among)}")


def _count(params: Sequence[Any], least: int, most: int | None, path: str) -> None:
    if len(params) < least or (most is not None and len(params) > most):
        wanted = f"{least}" if least == most else f"at least {least}"
        _fail(f"{path}.params", f"there are {len(params)} params; this function takes {wanted}")


def _names(node: Mapping[str, Any], path: str) -> tuple[str, ...]:
    names = _list(node, "varNames", path)
    for place, name in enumerate(names):
        if not (isinstance(name, str) and name[:1] == "@" and name[1:].isdigit() and len(names) == 1):
            _check_name(name, f"{path}.varNames[{place}]")
    if not names or len(set(names)) < len(names):
        _fail(f"{path}.varNames", "a lambda names its variables, each once")
    return tuple(names)


def _check_name(name: Any, path: str) -> None:
    if not isinstance(name, str) or not is_name(name) or name.lower() in RESERVED or name == "xEvent":
        _fail(path, f"{name!r} cannot name a variable")


def _flag(node: Any) -> bool | None:
    value = node.get("value") if isinstance(node, Mapping) and node.get("nodeType") == "literal" else None
    return value if isinstance(value, bool) else None


def _is_index(node: Any) -> bool:
    value = node.get("value") if isinstance(node, Mapping) and node.get("nodeType") == "literal" else None
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
