"""Expressions as the API carries them, `{"type": "PQL", "format": …, "value": …}`, and what saving one asks of it.

    read → check against the workspace's schema → name other audiences by our ids → validate → decide how to evaluate

Refuses, with the place in the text, what is no expression, names what is not there, or is over a critical threshold.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.audiences.translate import log_of
from houselights.apis.adobe.language.check import check_audience
from houselights.apis.adobe.language.eligibility import Eligibility, eligibility
from houselights.apis.adobe.language.json_read import read_json
from houselights.apis.adobe.language.kept import with_kept
from houselights.apis.adobe.language.parse import Parsed, parse
from houselights.apis.adobe.language.validate import Finding, Thresholds, refuse, validate
from houselights.apis.adobe.language.write import write
from houselights.apis.adobe.standings import inward
from houselights.base.errors import InvalidInput, InvalidRule, NotFound
from houselights.model.audience import Audience
from houselights.model.schema import Schema
from houselights.rules.tree import Where
from houselights.rules.values import Member, Value
from houselights.rules.walk import every, renamed
from houselights.services.house import House

TEXT, JSON = "pql/text", "pql/json"
FIELD = "expression"
# "sequence=3,aggregations=3,depth=2,clauses=1000,warnings_refuse=1"; see `language.validate.Thresholds`.
VARIABLE = "HOUSELIGHTS_ADOBE_VALIDATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One expression: as it was sent (`verbatim`), and as a tree with places in its text."""

    verbatim: Mapping[str, Any]
    parsed: Parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An expression that may be saved: its rule, how it can be evaluated, and what is over a threshold."""

    rule: Where
    eligibility: Eligibility
    findings: tuple[Finding, ...]


class Finder(Protocol):
    """Knows audiences by the ids that expressions write."""

    def __call__(self, name: str) -> Audience | None: ...


def read_expression(body: object) -> Expression:
    """Read an expression of a request. Raises InvalidInput, InvalidRule with the place of the fault."""
    if not isinstance(body, Mapping):
        raise InvalidInput("an expression is an object with type, format and value", field=FIELD)
    kind, form, value = body.get("type", "PQL"), body.get("format", TEXT), body.get("value")
    if not isinstance(kind, str) or kind.upper() != "PQL":
        raise InvalidInput(f'expressions are of type "PQL", not "{kind}"', field=f"{FIELD}.type")
    if form not in {TEXT, JSON}:
        raise InvalidInput(f'the format is "{TEXT}" or "{JSON}", not "{form}"', field=f"{FIELD}.format")
    if not isinstance(value, str | Mapping) or (form == TEXT and not isinstance(value, str)):
        raise InvalidInput("the value of an expression is text", field=f"{FIELD}.value")
    try:
        parsed = parse(str(value)) if form == TEXT else parse(write(read_json(value)))
    except InvalidRule as error:
        # of JSON the reader says where in it, as in value.params[0].fnName
        error.field = f"{FIELD}.{error.field or 'value'}"
        raise
    return Expression(verbatim=dict(body), parsed=parsed)


def members_named(expression: Expression) -> set[str]:
    """Return the audiences that an expression asks for, as it calls them."""
    return {node.audience for node in every(expression.parsed.tree) if isinstance(node, Member)}


class Expressions:
    """What saving and asking need of expressions, over one house."""

    def __init__(self, house: House, thresholds: Thresholds | None = None):
        self._house = house
        self._thresholds = thresholds or thresholds_from_environment()

    def schema(self, guest: Guest) -> Schema:
        """Return what profiles of the sandbox hold. Raises NotFound before anybody was imported."""
        return with_kept(self._house.snapshots.current(guest.caller.workspace.id).documents.shape.schema)

    def check(
        self,
        guest: Guest,
        expression: Expression,
        find: Finder,
        *,
        active_on_edge: bool = True,
        override_warnings: bool = False,
    ) -> Checked:
        """Return what the expression comes to. Raises InvalidRule with the place of the first fault."""
        parsed = expression.parsed
        try:
            check_audience(parsed, self.schema(guest))
            rule = Where(_named(parsed, find))
            findings = validate(parsed.tree, self._thresholds)
            refuse(findings, self._thresholds, override_warnings=override_warnings)
        except InvalidRule as error:
            error.field = f"{FIELD}.value"
            raise
        except NotFound as error:
            raise InvalidInput("the sandbox has no profiles yet", field=FIELD, hint="import some first") from error
        methods = eligibility(parsed.tree, active_on_edge=active_on_edge)
        return Checked(rule=rule, eligibility=methods, findings=findings)


def _named(parsed: Parsed, find: Finder) -> Value:
    """Return the tree with our ids in place of the vendor's. Raises InvalidRule for an audience that is not there."""
    numbers: dict[str, str] = {}
    for node in every(parsed.tree):
        if isinstance(node, Member) and node.audience not in numbers:
            found = find(node.audience)
            if found is None:
                raise InvalidRule(f'there is no audience "{node.audience}"', span=parsed.spans.of(node))
            numbers[node.audience] = str(found.id)

    def log(name: str) -> int | None:
        audience = find(name)
        return None if audience is None else log_of(audience)

    return inward(renamed(parsed.tree, numbers.__getitem__), log)


def thresholds_from_environment() -> Thresholds:
    """Read the operator's thresholds. Raises InvalidInput for a name or number that is none."""
    known = {each.name: getattr(Thresholds(), each.name) for each in fields(Thresholds)}
    chosen: dict[str, Any] = {}
    for entry in filter(None, (part.strip() for part in os.environ.get(VARIABLE, "").split(","))):
        name, _, text = entry.partition("=")
        try:
            chosen[name] = type(known[name])(float(text))
        except (KeyError, ValueError) as error:
            raise InvalidInput(f'expected "threshold=number", found "{entry}"', field=VARIABLE) from error
    return replace(Thresholds(), **chosen)
