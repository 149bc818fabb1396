"""This room's expressions for those who bring text and no request: the command line, the web app, documents.

The text is an `audienceTargetingExpression` as JSON. Refuses, with the place, rules that are no intersection of unions
of audiences less one union of them, which is all that such an expression can say.
"""

import json
from collections.abc import Sequence

from pydantic import ValidationError

from houselights.apis.amazon.dsp.expression import InsightExpression
from houselights.apis.amazon.dsp.translate import INSIGHT_LIMITS, rule_of
from houselights.apis.amazon.errors import details_of
from houselights.base.errors import InvalidInput, InvalidRule, Span
from houselights.model.catalogue import Catalogue
from houselights.rules.check import audiences_in
from houselights.rules.tree import And, HasTrait, InAudience, Not, Or, Rule
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.language import Language


def read_rule(house: House, caller: Caller, text: str) -> Rule:
    """Return the rule of an expression. Raises InvalidRule naming the field, or the place in text that is no JSON."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidRule(f"this is no JSON: {error.msg}", span=Span(text, error.pos, error.pos + 1)) from error
    if isinstance(content, dict) and "audienceTargetingExpression" in content:
        content = content["audienceTargetingExpression"]
    try:
        expression = InsightExpression.model_validate(content)
    except ValidationError as error:
        (first, *_) = details_of(error.errors())
        raise InvalidRule(first.message, field=first.field) from error
    rule = rule_of(expression.audiences, INSIGHT_LIMITS, field="audienceTargetingExpression")
    known = house.audiences.find(caller, sorted(audiences_in(rule)))
    for position, member in enumerate(expression.audiences):
        if int(member.audience_id) not in known:
            raise InvalidRule(f"there is no audience {member.audience_id}", field=f"audiences[{position}].audienceId")
    return rule


def write_rule(rule: Rule, catalogue: Catalogue) -> str:
    """Return a rule as an expression. Raises InvalidInput, with the place, for what none says."""
    parts = rule.rules if isinstance(rule, And) else (rule,)
    members: list[dict[str, object]] = []
    excluded = 0
    for position, part in enumerate(parts):
        place = f"rule.and[{position}]" if isinstance(rule, And) else "rule"
        negative = isinstance(part, Not)
        excluded += negative
        if excluded > INSIGHT_LIMITS.excluded_groups:
            raise InvalidInput("an expression takes away one group only; put them into one", field=place)
        inner = part.rule if isinstance(part, Not) else part
        ids = _union(inner, catalogue, f"{place}.not" if negative else place)
        name = "Not" if negative else f"Group {position + 1}"
        members += [{"audienceId": str(each), "groupId": name, "negative": negative} for each in ids]
    if len(parts) - excluded > INSIGHT_LIMITS.included_groups:
        raise InvalidInput(f"an expression has at most {INSIGHT_LIMITS.included_groups} groups", field="rule")
    if not members:
        raise InvalidInput("an expression names at least one audience", field="rule")
    return json.dumps({"audiences": members}, indent=2)


def _union(rule: Rule, catalogue: Catalogue, place: str) -> Sequence[int]:
    """Return the audiences that a rule is the union of. Raises InvalidInput."""
    match rule:
        case InAudience(audience_id):
            return [audience_id]
        case HasTrait(facet, keys):
            return [_reference(facet, key, catalogue, place) for key in keys]
        case Or(rules):
            return [each for at, one in enumerate(rules) for each in _union(one, catalogue, f"{place}.or[{at}]")]
        case And() | Not():
            raise InvalidInput("a group is a union: no group stands within a group", field=place)
        case _:
            raise InvalidInput("only audiences can be named; save this as an audience and name it", field=place)


def _reference(facet: str, key: str, catalogue: Catalogue, place: str) -> int:
    trait = catalogue.find(facet, key)
    if trait is None or trait.audience_id is None:
        raise InvalidInput(f'"{key}" of {facet} is no audience of discovery', field=f"{place}.trait")
    return trait.audience_id


LANGUAGE = Language("amazon", "Amazon expression", read_rule, write_rule)
