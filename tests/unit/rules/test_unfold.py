"""An expression opened into sets has the same people, and its outline shows how it was understood."""

from hypothesis import HealthCheck, given, settings
from tests.strategies import World, worlds

from houselights.apis.adobe.language.parse import parse
from houselights.engine.inline import inline
from houselights.engine.plain import members
from houselights.rules.check import children
from houselights.rules.outline import outline
from houselights.rules.tree import And, InAudience, Not, Or, Rule, Where
from houselights.rules.unfold import unfold


def opened(rule: Rule) -> Rule:
    match rule:
        case Where():
            return unfold(rule)
        case And(rules):
            return And(tuple(map(opened, rules)))
        case Or(rules):
            return Or(tuple(map(opened, rules)))
        case Not(negated):
            return Not(opened(negated))
        case _:
            return rule


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(max_people=6))
def test_the_people_stay_the_same(world: World) -> None:
    for rule in (world.rule, inline(world.rule, world.resolve)):
        people = members(opened(rule), world.people, resolve=world.resolve, as_of=world.as_of)
        assert people == members(rule, world.people, resolve=world.resolve, as_of=world.as_of)


def test_what_is_made_of_conditions_is_opened() -> None:
    rule = Where(parse('city = "Leeds" and not(inSegment("7") or plan = "gold")').tree)
    city, plan = Where(parse('city = "Leeds"').tree), Where(parse('plan = "gold"').tree)
    assert unfold(rule) == And((city, Not(Or((InAudience(7), plan)))))
    assert list(children(unfold(city))) == []


def test_the_outline_is_a_node_a_line() -> None:
    text = 'workAddress.country = "US" and CHAIN(xEvent, timestamp, [A: WHAT(price > 3) WHEN(< 8 days before now)])'
    assert outline(Where(parse(text).tree)) == (
        "Where",
        "  and",
        "    equal",
        "      person.workAddress.country",
        "      'US'",
        "    Chain",
        "      person.@events",
        "      λ @1",
        "        @1.timestamp",
        "      Step A 1",
        "        λ @1",
        "          greater",
        "            @1.price",
        "            3",
        "        Offset less 8 day before",
        "          Now",
    )


@settings(max_examples=100)
@given(worlds())
def test_every_rule_has_an_outline(world: World) -> None:
    assert all(line.strip() for line in outline(world.rule))
