"""The pql/json form read: JSON nodes to tree. Refuses, by the path in the JSON, what has no meaning or no text.

Accepts what the text form cannot tell apart: fieldLookup without an object, or of the literal "profile" (the profile),
a list as a literal, `select` and `quantification` (filters and quantifiers of named variables), a lambda around the
whole (its variables are the inputs), whole doubles where integers are meant, words in any case.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from houselights.apis.adobe.language.build import DEEPEST, MOST_INPUTS
from houselights.apis.adobe.language.json_nodes import (
    check_count,
    check_name,
    fail,
    flag_of,
    is_index,
    list_in,
    names_of,
    plain,
    whole_in,
    word_in,
)
from houselights.apis.adobe.language.nesting import QUANTIFIERS, joined, nested_in
from houselights.apis.adobe.language.parse import LONGEST_TEXT
from houselights.apis.adobe.language.quoting import can_be_written
from houselights.apis.adobe.language.scope import step_of
from houselights.apis.adobe.language.words import CALLS, DAYS, INFIX, METHODS, OF_NOW, TAKE_CASE_FLAG
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

LEAVES = 3  # a name in text is a node upon a node, and an audience's id one inside one
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
        names = names_of(found, "value")
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
            fail(path, "a node is an object with a nodeType")
        if self.depth >= DEEPEST + LEAVES:
            fail("value", f"nested too deeply: more than {DEEPEST} levels", "split it into several audiences")
        below = _Reader(self.bound, self.unnamed, self.depth + 1)
        kind = node.get("nodeType")
        read = _READERS.get(kind) if isinstance(kind, str) else None
        if read is None:
            hint = did_you_mean(str(kind), _READERS)
            fail(f"{path}.nodeType", f"there is no node {kind!r}" if kind else "a node has a nodeType", hint)
        return read(below, node, path)

    def function(self, node: Any, variables: int, path: str) -> Lambda:
        if not isinstance(node, Mapping) or node.get("nodeType") != "lambda":
            fail(path, "a lambda must stand here")
        names = names_of(node, path)
        if len(names) != variables:
            fail(f"{path}.varNames", f"this lambda must have {variables} variables, not {len(names)}")
        unnamed = self.unnamed
        if names[0].startswith("@"):
            unnamed += 1
            if names != (f"@{unnamed}",):
                fail(f"{path}.varNames", f"the item of an unnamed filter is called @{unnamed} here")
        bound = {**self.bound, **{name: Variable(name) for name in names}}
        return Lambda(names, _Reader(bound, unnamed, self.depth).value(node.get("body"), f"{path}.body"))

    # ---- one method for each node ------------------------------------------------------------------------------------

    def literal(self, node: Mapping[str, Any], path: str) -> Value:
        value, kind = node.get("value"), str(node.get("literalType", "")).lower()
        if kind == "xdmobject":
            if value != "profile":
                fail(f"{path}.value", f'a path begins at the object "profile", and only "profile": {value!r} is none')
            return Input(1)
        if isinstance(value, list):
            items = [item if isinstance(item, Mapping) else {"nodeType": "literal", "value": item} for item in value]
            return self.array({"items": items}, path)
        try:
            return Literal(plain(value, kind))
        except (ValueError, OverflowError):
            fail(f"{path}.value", f"{value!r} is not a {node.get('literalType')}")

    def array(self, node: Mapping[str, Any], path: str) -> Value:
        items = list_in(node, "items", path)
        return Listing(tuple(self.value(item, f"{path}.items[{place}]") for place, item in enumerate(items)))

    def object(self, node: Mapping[str, Any], path: str) -> Value:
        fields = node.get("fields")
        if not isinstance(fields, Mapping):
            fail(f"{path}.fields", "an object has its fields here")
        return Record(tuple((str(name), self.value(each, f"{path}.fields.{name}")) for name, each in fields.items()))

    def parameter(self, node: Mapping[str, Any], path: str) -> Value:
        return Input(whole_in(node, "position", path, 1, MOST_INPUTS))

    def variable(self, node: Mapping[str, Any], path: str) -> Value:
        name = node.get("varName")
        if name not in self.bound:
            fail(f"{path}.varName", f"no variable is called {name!r} here", did_you_mean(str(name), self.bound))
        if str(name).startswith("@"):
            fail(f"{path}.varName", "the item of an unnamed filter can only be asked for its fields")
        return self.bound[str(name)]

    def field(self, node: Mapping[str, Any], path: str) -> Value:
        name, of = node.get("fieldName"), node.get("object")
        if not isinstance(name, str) or not can_be_written(name):
            fail(f"{path}.fieldName", f"{name!r} is not the name of a field")
        if of is None:
            return step_of(Input(1), name)
        if isinstance(of, Mapping) and of.get("nodeType") == "varRef" and str(of.get("varName")).startswith("@"):
            variable = str(of["varName"])
            if variable in self.bound:
                return Field(Variable(variable), name)
        return step_of(self.value(of, f"{path}.object"), name)

    def let(self, node: Mapping[str, Any], path: str) -> Value:
        name = node.get("varName")
        check_name(name, f"{path}.varName")
        value = self.value(node.get("bound"), f"{path}.bound")
        inner = _Reader({**self.bound, str(name): Variable(str(name))}, self.unnamed, self.depth)
        return Let(str(name), value, inner.value(node.get("body"), f"{path}.body"))

    def select(self, node: Mapping[str, Any], path: str) -> Value:
        return self._generated("filter", list_in(node, "variables", path), f"{path}.variables")

    def quantification(self, node: Mapping[str, Any], path: str) -> Value:
        word = str(node.get("quantifier")).lower()
        if word not in QUANTIFIERS:
            fail(f"{path}.quantifier", f"{word!r} is not one of {', '.join(QUANTIFIERS)}")
        return self._generated(QUANTIFIERS[word], list_in(node, "variables", path), f"{path}.variables")

    def _generated(self, function: str, declared: Sequence[Any], path: str, place: int = 0) -> Value:
        """Nest several variables as the text form does: one of the first, for which there is one of the next."""
        if place >= len(declared):
            fail(path, "at least one variable is declared here")
        here, node = f"{path}[{place}]", declared[place]
        if not isinstance(node, Mapping) or node.get("nodeType") != "varDecl":
            fail(here, "a node of type varDecl must stand here")
        name = node.get("varName")
        check_name(name, f"{here}.varName")
        source = self.value(node.get("from"), f"{here}.from")
        inner = _Reader({**self.bound, str(name): Variable(str(name))}, self.unnamed, self.depth + 1)
        parts = [inner.value(node["where"], f"{here}.where")] if node.get("where") is not None else []
        if place + 1 < len(declared):
            parts.append(inner._generated(nested_in(function), declared, path, place + 1))
        return Call(function, (source, Lambda((str(name),), joined(parts))))

    def chain(self, node: Mapping[str, Any], path: str) -> Value:
        time = node.get("timestampField")
        if isinstance(time, Mapping) and time.get("nodeType") != "lambda":  # the node alone: a path below the event
            time = {"nodeType": "lambda", "varNames": [f"@{self.unnamed + 1}"], "body": self._of_event(time)}
        steps: list[Step] = []
        for place, each in enumerate(list_in(node, "elements", path)):
            steps.append(self._step(each, f"{path}.elements[{place}]", [step.label for step in steps]))
        if not steps:
            fail(f"{path}.elements", "a chain has at least one element")
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
            fail(path, "an element of a chain is an object")
        label = node.get("label", f"C{len(earlier)}")
        check_name(label, f"{path}.label")
        if label in earlier:
            fail(f"{path}.label", f"two steps are labelled {label!r}")
        seen = _Reader({**self.bound, **{name: Variable(name) for name in earlier}}, self.unnamed, self.depth)
        return Step(
            str(label),
            self.function(node.get("what"), 1, f"{path}.what"),
            seen.when(node["when"], f"{path}.when") if node.get("when") is not None else None,
            whole_in(node, "count", path, 1, 2**63 - 1) if "count" in node else 1,
            self.function(node["where"], 1, f"{path}.where") if node.get("where") is not None else None,
        )

    def when(self, node: Any, path: str) -> When:
        if not isinstance(node, Mapping) or node.get("nodeType") != "when":
            fail(path, "a node of type when must stand here")
        if "from" in node or "to" in node:
            return Between(self.value(node.get("from"), f"{path}.from"), self.value(node.get("to"), f"{path}.to"))
        time = self.value(node.get("time"), f"{path}.time")
        if "direction" not in node:
            return During(time)
        side = word_in(node, "direction", path, Side)
        if "comparison" not in node:
            return Beside(side, time)
        compare = INFIX.get(str(node["comparison"]))
        if compare not in set(Comparison):
            fail(f"{path}.comparison", f"{node['comparison']!r} does not compare")
        amount = whole_in(node, "amount", path, 0, 2**63 - 1)
        return Offset(Comparison(compare), amount, word_in(node, "unit", path, Unit), side, time)

    def apply(self, node: Mapping[str, Any], path: str) -> Value:
        word, params = str(node.get("fnName")), list_in(node, "params", path)
        match word.lower() if word.lower() in _PLAIN_FORMS else word:
            case "now":
                return Now()
            case ("yesterday" | "today" | "tomorrow") as day:
                return Period(DAYS[day], Unit.DAY)
            case ("last" | "this" | "next") as which:
                return Period(Which(which), word_in(params[0] if params else {}, "value", f"{path}.params[0]", Unit))
            case "occurs":
                check_count(params, 2, 2, path)
                return Occurs(self.value(params[0], f"{path}.params[0]"), self.when(params[1], f"{path}.params[1]"))
            case "inSegment":
                check_count(params, 1, 1, path)
                audience = self.value(params[0], f"{path}.params[0]")
                if isinstance(audience, Literal) and isinstance(audience.value, str):
                    return Member(audience.value)
                fail(f"{path}.params[0]", "inSegment takes the id of one audience, as a literal")
        if word in OF_NOW:
            ours = OF_NOW[word]
            check_count(params, FUNCTIONS[ours].signature.fewest - 1, FUNCTIONS[ours].signature.fewest - 1, path)
            return Call(ours, (*self._values(params, path), Now()))
        return self._call(word, params, path)

    def _values(self, params: Sequence[Any], path: str) -> list[Value]:
        return [self.value(param, f"{path}.params[{place}]") for place, param in enumerate(params)]

    def _call(self, word: str, params: Sequence[Any], path: str) -> Value:
        ours = _FUNCTIONS.get(word) or _FUNCTIONS.get(word.lower())
        if ours is None:
            fail(f"{path}.fnName", f"there is no function {word!r}", did_you_mean(word, _FUNCTIONS))
        ignore_case = False
        if ours in TAKE_CASE_FLAG and len(params) > 2 and isinstance(flag_of(params[-1]), bool):
            ignore_case, params = flag_of(params[-1]) is False, params[:-1]
        if ours == "map" and len(params) == 2 and len(list_in(params[1], "varNames", f"{path}.params[1]")) == 2:
            ours = "map_entries"
        if ours == "get" and len(params) == 2 and is_index(params[1]):
            ours = "item"
        signature = FUNCTIONS[ours].signature
        check_count(params, 2 if ours in {"and", "or"} else signature.fewest, signature.most, path)
        arguments: list[Value | Lambda] = []
        for place, param in enumerate(params):
            kind, at = signature.parameter(place).kind, f"{path}.params[{place}]"
            arguments.append(
                self.function(param, len(kind.takes), at) if isinstance(kind, Mapper) else self.value(param, at)
            )
        return Call(ours, tuple(arguments), ignore_case)


_FUNCTIONS: Mapping[str, str] = {**INFIX, **METHODS, **CALLS, "not": "not", "date": "date_of"}
_PLAIN_FORMS = frozenset({"now", *DAYS, "last", "this", "next", "occurs"})
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
    "select": _Reader.select,
    "quantification": _Reader.quantification,
}
