"""Rules in the languages of the other rooms: read from text, and written as text where the language can say them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas.languages import Languages, RuleSaid, RuleText, RuleToSay, Spoken, Written
from houselights.base.errors import NotFound
from houselights.base.suggest import did_you_mean
from houselights.rules.json_form import node_from_json, to_json
from houselights.services.language import Language

router = APIRouter(tags=["languages"])


def languages_of(request: Request) -> Mapping[str, Language]:
    """Return the languages this application was made with, by name."""
    known: Mapping[str, Language] = request.app.state.languages
    return known


LanguagesIn = Annotated[Mapping[str, Language], Depends(languages_of)]


@router.get("/v1/languages")
def list_languages(_caller: CallerIn, languages: LanguagesIn) -> Languages:
    """List the languages in which rules can be read and written besides our own JSON."""
    return Languages(items=[Spoken(name=one.name, title=one.title) for one in languages.values()])


@router.post("/v1/languages/{language}/read")
def read_text(house: HouseIn, caller: CallerIn, languages: LanguagesIn, language: str, body: RuleText) -> RuleSaid:
    """Read text of a language as a rule. 422 with the place of the fault and a caret."""
    return RuleSaid(rule=to_json(_named(languages, language).read(house, caller, body.text))["rule"])


@router.post("/v1/languages/{language}/write")
def write_text(house: HouseIn, caller: CallerIn, languages: LanguagesIn, language: str, body: RuleToSay) -> Written:
    """Write a rule in a language. 422, with the place in the rule and the reason, when the language cannot say it."""
    caller.require("audiences:read")
    rule = node_from_json(body.rule)
    return Written(text=_named(languages, language).write(rule, house.discovery.catalogue(caller)))


def _named(languages: Mapping[str, Language], name: str) -> Language:
    if name not in languages:
        raise NotFound(f'there is no language "{name}"', field="language", hint=did_you_mean(name, languages))
    return languages[name]
