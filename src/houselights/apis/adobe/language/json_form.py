"""The pql/json form: tree to JSON nodes, written compactly. Loses nothing; `json_read.py` is the way back.

Documented nodes keep their documented shape. Two properties are relied on by clients that search the text: separators
have no spaces, and `value` is the last key of a literal. What is documented only by name, or not at all, is ours:
`array`, `object`, `let`, `when`, the parts of a chain's elements.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, assert_never

from houselights.apis.adobe.language.words import DAY_OF, INFIX_OF, KEPT_OF, OF_NOW_OF, WORD_OF, case_flag
from houselights.rules.values import (
    Beside,
    Between,
    Call,
    Chain,
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
    Step,
    Unit,
    Value,
    Variable,
    When,
)

LITERAL_TYPES = {"str": "String", "bool": "Boolean", "int": "Integer", "float": "Double", "NoneType": "Null",
                 "date": "Date", "datetime": "Timestamp"}  # fmt: skip


def write_json(tree: Value) -> str:
    """Write a tree as pql/json text."""
    return json.dumps(to_nodes(tree), separators=(",", ":"), ensure_ascii=False)


def to_nodes(tree: "Value | Lambda") -> dict[str, Any]:
    """Return a tree as nested JSON nodes."""
    match tree:
        case Literal():
            return _literal(tree)
        case Listing(items):
            return {"nodeType": "array", "items": _each(items)}
        case Record(entries):
            return {"nodeType": "object", "fields": {name: to_nodes(value) for name, value in entries}}
        case Input(position):
            return {"nodeType": "parameterReference", "position": position}
        case Variable(name):
            return {"nodeType": "varRef", "varName": name}
        case Field(of, name):
            written = KEPT_OF.get(name, name) if of == Input(1) else name
            return {"nodeType": "fieldLookup", "fieldName": written, "object": to_nodes(of)}
        case Lambda(names, body):
            return {"nodeType": "lambda", "varNames": list(names), "body": to_nodes(body)}
        case Call():
            return _call(tree)
        case Let(name, value, body):
            return {"nodeType": "let", "varName": name, "bound": to_nodes(value), "body": to_nodes(body)}
        case Now():
            return _apply("now", [])
        case Period(which, Unit.DAY):
            return _apply(DAY_OF[which], [])
        case Period(which, unit):
            return _apply(which.value, [to_nodes(Literal(unit.value))])
        case Occurs(time, when):
            return _apply("occurs", [to_nodes(time), _when(when)])
        case Chain(events, time, steps):
            return {
                "nodeType": "chain",
                "array": to_nodes(events),
                "timestampField": to_nodes(time),
                "elements": [_step(each) for each in steps],
            }
        case Member(audience):
            return _apply("inSegment", [to_nodes(Literal(audience))])
        case _:
            assert_never(tree)


def _literal(node: Literal) -> dict[str, Any]:
    value: Any = node.value
    if isinstance(value, datetime):
        value = value.isoformat().replace("+00:00", "Z")
    elif isinstance(value, date):
        value = value.isoformat()
    return {"nodeType": "literal", "literalType": LITERAL_TYPES[node.kind], "value": value}


def _call(node: Call) -> dict[str, Any]:
    function, arguments = node.function, node.arguments
    if function in OF_NOW_OF and arguments[-1] == Now():
        return _apply(OF_NOW_OF[function], _each(arguments[:-1]))
    params, flag = _each(arguments), case_flag(node)
    if flag is not None:
        params.append(to_nodes(Literal(flag)))
    return _apply(WORD_OF[function], params)


def _apply(word: str, params: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"nodeType": "fnApply", "fnName": word, "params": list(params)}


def _each(nodes: Sequence["Value | Lambda"]) -> list[dict[str, Any]]:
    return [to_nodes(node) for node in nodes]


def _when(when: When) -> dict[str, Any]:
    match when:
        case Offset(compare, amount, unit, side, anchor):
            return {
                "nodeType": "when",
                "comparison": INFIX_OF[compare],
                "amount": amount,
                "unit": unit.value,
                "direction": side.value,
                "time": to_nodes(anchor),
            }
        case Beside(side, anchor):
            return {"nodeType": "when", "direction": side.value, "time": to_nodes(anchor)}
        case During(anchor):
            return {"nodeType": "when", "time": to_nodes(anchor)}
        case Between(low, high):
            return {"nodeType": "when", "from": to_nodes(low), "to": to_nodes(high)}
        case _:
            assert_never(when)


def _step(step: Step) -> dict[str, Any]:
    node: dict[str, Any] = {"label": step.label, "what": to_nodes(step.what)}
    if step.when is not None:
        node["when"] = _when(step.when)
    if step.count != 1:
        node["count"] = step.count
    if step.where is not None:
        node["where"] = to_nodes(step.where)
    return node
