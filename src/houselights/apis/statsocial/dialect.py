"""This room's language for those who bring text and no request: the command line, the web app, documents.

The text is the JSON of `parameters`, or of a whole request to create an audience. Refuses to write, with the place,
rules that are not a union, kept by filters, without exclusions, of the kinds of people that parameters can say.
"""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from houselights.apis.statsocial.audiences.rules import check_order
from houselights.apis.statsocial.audiences.schemas import DAYS, Parameter
from houselights.apis.statsocial.audiences.translate import PLATFORMS, POST_DAYS, plan_of
from houselights.apis.statsocial.errors import Rejected, faults_of
from houselights.apis.statsocial.wire import body_of
from houselights.apis.statsocial.written import nothing_said, traits_said
from houselights.base.errors import InvalidInput, InvalidRule
from houselights.model.catalogue import Catalogue
from houselights.rules.tree import And, Follows, HasTrait, Mentions, Nobody, Not, Or, Rule
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.language import Language

_PARAMETERS = TypeAdapter(list[Parameter])
_LISTED = frozenset({"affinities", "personality", "age", "gender", "ethnicity", "location"})
_BIOS = frozenset({"bio_twitter", "bio_youtube", "bio_instagram", "bio_twitch"})
_KINDS = {platform: kind for kind, platform in PLATFORMS.items()}


def read_rule(house: House, caller: Caller, text: str) -> Rule:
    """Return the rule of parameters. Raises InvalidRule naming the field, or the place in text that is no JSON."""
    try:
        content = json.loads(body_of(text.encode("utf-8", "surrogatepass")))
        if isinstance(content, dict):
            content = content.get("parameters")
        parameters = _PARAMETERS.validate_python(content)
        if not parameters:
            raise InvalidRule("there is at least one parameter", field="parameters")
        check_order(parameters, house.rights.of(caller), strict=False)
        return plan_of(house, caller, parameters, strict=False).rule
    except ValidationError as error:
        first = faults_of(error.errors())[0]
        raise InvalidRule(first.message, field=f"parameters{first.field or ''}") from error
    except Rejected as error:
        raise InvalidRule(error.faults[0].message, field=error.faults[0].field, hint=error.faults[0].hint) from error
    except InvalidRule:
        raise
    except InvalidInput as error:
        raise InvalidRule(error.message, field=error.field, span=error.span) from error


def write_rule(rule: Rule, catalogue: Catalogue) -> str:
    """Return a rule as parameters. Raises InvalidInput, with the place, for what none say."""
    parts = [(f"rule.and[{at}]", part) for at, part in enumerate(rule.rules)] if isinstance(rule, And) else []
    parts = sorted(parts or [("rule", rule)], key=lambda each: isinstance(each[1], Not))
    (place, first), *rest = parts
    written = [{"operation": "OR", **each} for each in _any(first, catalogue, place)]
    if not written:
        raise InvalidInput("parameters begin with people who are included", field=place)
    for place, part in rest:
        if isinstance(part, Not):
            # Without any of these is without each of them.
            written += [{"operation": "NOT", **each} for each in _any(part.rule, catalogue, f"{place}.not")]
            continue
        found = _any(part, catalogue, place)
        if len(found) != 1:
            raise InvalidInput("a filter is of one kind: parameters have one union, at the beginning", field=place)
        written.append({"operation": "AND", **found[0]})
    return json.dumps(written, indent=2, ensure_ascii=False)


def _any(rule: Rule, catalogue: Catalogue, place: str) -> Sequence[dict[str, Any]]:
    """Return parameters, without operations, whose people together are those of a rule. Raises InvalidInput."""
    match rule:
        case Or(rules):
            return _merged([each for at, one in enumerate(rules) for each in _any(one, catalogue, f"{place}.or[{at}]")])
        case Nobody():
            return []
        case HasTrait(facet, keys):
            return [traits_said(facet, keys, catalogue, place)]
        case Not(HasTrait(facet, keys)) if {trait.key for trait in catalogue.of(facet)} == set(keys):
            return [nothing_said(facet, catalogue, place)]
        case Follows(platform, accounts, at_least, days) if platform in _KINDS:
            return [_follows(platform, accounts, at_least, days, place)]
        case Mentions(fields, phrases, None) if fields and set(fields) <= _BIOS:
            marked = {f"search_in_{each.removeprefix('bio_')}": True for each in fields}
            return [{"bio_search": {**marked, "phrases": list(phrases)}}]
        case Mentions(("post_twitter",), phrases, days) if days == POST_DAYS:
            return [{"tweet_search": {"phrases": list(phrases)}}]
        case _:
            raise InvalidInput("no kind of parameter says this", field=place)


def _merged(parameters: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return parameters with those of one kind as one, where any of what is listed will do."""
    kept: dict[str, dict[str, Any]] = {}
    others = []
    for parameter in parameters:
        ((kind, content),) = parameter.items()
        if kind not in _LISTED:
            others.append(parameter)
            continue
        into = kept.setdefault(kind, {})
        for name, items in content.items():
            into[name] = [*into.get(name, ()), *(each for each in items if each not in into.get(name, ()))]
    return [*({kind: content} for kind, content in kept.items()), *others]


def _follows(platform: str, accounts: Sequence[str], at_least: int, days: int | None, place: str) -> dict[str, Any]:
    if days is not None and (platform != "twitter" or days not in DAYS):
        raise InvalidInput("parameters ask for no such time of activity", field=f"{place}.follows.active_within_days")
    lately = {} if days is None else {"last_tweeted": days}
    return {_KINDS[platform]: {"accounts": [{"id": each} for each in accounts], "cutoff": at_least, **lately}}


LANGUAGE = Language("statsocial", "StatSocial parameters", read_rule, write_rule)
