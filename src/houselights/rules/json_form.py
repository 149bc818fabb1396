"""Writes a rule as JSON and reads it back. Refuses whatever it does not understand, by its path and with a hint.

The form is documented in docs/rule-json.md. It is versioned because it is stored: a later release must be able to
read an audience saved by this one.
"""

from collections.abc import Mapping
from typing import Any, assert_never

from houselights.base.errors import InvalidRule
from houselights.rules.json_values import (
    INT32_MAX,
    identifier,
    items,
    members,
    near,
    only_true,
    shown,
    text,
    whole_number,
)
from houselights.rules.tree import (
    And,
    AtLeast,
    Everyone,
    Follows,
    HasTrait,
    InAudience,
    Listed,
    Mentions,
    Nobody,
    Not,
    Or,
    Rule,
    Where,
)
from houselights.rules.value_json import value_from_json, value_to_json

VERSION = 1

# Rules nest a few levels; this guard only keeps hostile nesting from exhausting the stack, here and in every later
# stage that walks the tree by recursion. `check.Limits` sets what is sensible.
DEPTH_MAX = 100

KINDS = (
    "everyone",
    "nobody",
    "trait",
    "audience",
    "listed",
    "mentions",
    "follows",
    "where",
    "and",
    "or",
    "not",
    "at_least",
)


def to_json(rule: Rule) -> dict[str, Any]:
    """Return the JSON form with its version: `{"version": 1, "rule": …}`. `from_json` gives back an equal rule."""
    return {"version": VERSION, "rule": node_to_json(rule)}


def from_json(document: object) -> Rule:
    """Read `{"version": 1, "rule": …}`, parsed JSON.

    Raises InvalidRule whose `field` is the path of the fault, such as `rule.and[1].trait.facet`.
    """
    if not isinstance(document, Mapping):
        raise InvalidRule(
            f"a rule is an object, not {shown(document)}", field="rule", hint='write {"version": 1, "rule": …}'
        )
    if "version" not in document and len(document) == 1 and next(iter(document)) in KINDS:
        raise InvalidRule("a rule names its version", field="version", hint='write {"version": 1, "rule": …}')
    version = members(document, "", required=("version", "rule"))["version"]
    if type(version) is not int or version != VERSION:
        raise InvalidRule(f"version {shown(version)} is not one we read; this is version {VERSION}", field="version")
    return node_from_json(document["rule"])


def node_to_json(rule: Rule) -> dict[str, Any]:
    """Return the JSON form of one node, without the version."""
    match rule:
        case Everyone():
            return {"everyone": True}
        case Nobody():
            return {"nobody": True}
        case InAudience(audience_id):
            return {"audience": str(audience_id)}
        case HasTrait(facet, any_of):
            return {"trait": {"facet": facet, "any_of": list(any_of)}}
        case Listed(list_id, within_seconds):
            if within_seconds is None:
                return {"listed": str(list_id)}
            return {"listed": {"list": str(list_id), "within_seconds": within_seconds}}
        case Mentions(fields, phrases, within_days):
            written: dict[str, Any] = {"fields": list(fields), "phrases": list(phrases)}
            return {"mentions": written if within_days is None else {**written, "within_days": within_days}}
        case Follows(platform, accounts, at_least, days):
            graph = {"platform": platform, "accounts": list(accounts), "at_least": at_least}
            return {"follows": graph if days is None else {**graph, "active_within_days": days}}
        case Where(expression):
            return {"where": value_to_json(expression)}
        case And(rules):
            return {"and": [node_to_json(each) for each in rules]}
        case Or(rules):
            return {"or": [node_to_json(each) for each in rules]}
        case Not(negated):
            return {"not": node_to_json(negated)}
        case AtLeast(k, rules):
            return {"at_least": {"k": k, "of": [node_to_json(each) for each in rules]}}
        case _:
            assert_never(rule)


def node_from_json(node: object, path: str = "rule", *, depth: int = 1) -> Rule:
    """Read one node that stands at `path` of a larger document, `depth` levels down; errors as for `from_json`."""
    if depth > DEPTH_MAX:
        raise InvalidRule(f"rules nest more than {DEPTH_MAX} levels deep", field=path)
    if not isinstance(node, Mapping) or len(node) != 1:
        known = ", ".join(KINDS)
        raise InvalidRule(f"expected an object with one key, one of {known}; not {shown(node)}", field=path)
    (kind, content), *_ = node.items()
    return _read(kind, content, f"{path}.{kind}" if kind in KINDS else path, depth)


def _read(kind: object, content: object, path: str, depth: int) -> Rule:
    match kind:
        case "everyone":
            only_true(content, path)
            return Everyone()
        case "nobody":
            only_true(content, path)
            return Nobody()
        case "audience":
            return InAudience(identifier(content, path))
        case "listed":
            return _read_listed(content, path)
        case "trait":
            given = members(content, path, required=("facet", "any_of"))
            return HasTrait(text(given["facet"], f"{path}.facet"), _texts(given["any_of"], f"{path}.any_of"))
        case "mentions":
            return _read_mentions(content, path)
        case "follows":
            return _read_follows(content, path)
        case "where":
            return Where(value_from_json(content, path))
        case "and":
            return And(_rules(content, path, depth))
        case "or":
            return Or(_rules(content, path, depth))
        case "not":
            return Not(node_from_json(content, path, depth=depth + 1))
        case "at_least":
            given = members(content, path, required=("k", "of"))
            k = whole_number(given["k"], f"{path}.k", low=-INT32_MAX)
            return AtLeast(k, _rules(given["of"], f"{path}.of", depth))
        case _:
            raise InvalidRule(f"unknown kind of rule {shown(kind)}", field=path, hint=near(kind, KINDS))


def _read_listed(content: object, path: str) -> Listed:
    if not isinstance(content, Mapping):
        return Listed(identifier(content, path))
    given = members(content, path, required=("list",), optional=("within_seconds",))
    seconds = given.get("within_seconds")
    return Listed(
        identifier(given["list"], f"{path}.list"),
        None if seconds is None else whole_number(seconds, f"{path}.within_seconds", low=0),
    )


def _read_mentions(content: object, path: str) -> Mentions:
    given = members(content, path, required=("fields", "phrases"), optional=("within_days",))
    days = given.get("within_days")
    return Mentions(
        _texts(given["fields"], f"{path}.fields"),
        _texts(given["phrases"], f"{path}.phrases"),
        None if days is None else whole_number(days, f"{path}.within_days", low=0),
    )


def _read_follows(content: object, path: str) -> Follows:
    optional = ("at_least", "active_within_days")
    given = members(content, path, required=("platform", "accounts"), optional=optional)
    days = given.get("active_within_days")
    return Follows(
        text(given["platform"], f"{path}.platform"),
        _texts(given["accounts"], f"{path}.accounts"),
        whole_number(given.get("at_least", 1), f"{path}.at_least", low=1),
        None if days is None else whole_number(days, f"{path}.active_within_days", low=0),
    )


def _rules(content: object, path: str, depth: int) -> tuple[Rule, ...]:
    return tuple(
        node_from_json(each, f"{path}[{position}]", depth=depth + 1)
        for position, each in enumerate(items(content, path, "rules"))
    )


def _texts(content: object, path: str) -> tuple[str, ...]:
    return tuple(text(each, f"{path}[{position}]") for position, each in enumerate(items(content, path, "texts")))
