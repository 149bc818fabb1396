"""Expressions that nobody could work through are refused before they are saved; circles through `Member` too."""

from collections.abc import Callable

import pytest

from houselights.base.errors import InvalidRule, NotFound
from houselights.rules.check import audiences_in, check
from houselights.rules.tree import And, InAudience, Nobody, Rule, Where
from houselights.rules.values import (
    EVENTS,
    Beside,
    Call,
    Chain,
    Field,
    Input,
    Lambda,
    Let,
    Literal,
    Member,
    Side,
    Step,
    Value,
    Variable,
)

EVENTS_OF = Field(Input(), EVENTS)
TIME = Lambda(("E",), Field(Variable("E"), "timestamp"))
ANY = Lambda(("E",), Literal(True))


def among(audiences: dict[int, Rule]) -> Callable[[int], Rule]:
    def resolve(audience_id: int) -> Rule:
        if audience_id not in audiences:
            raise NotFound(f"no audience {audience_id}")
        return audiences[audience_id]

    return resolve


def refusal(expression: Value, audiences: dict[int, Rule] | None = None, self_id: int | None = None) -> str:
    with pytest.raises(InvalidRule) as caught:
        check(And((Where(expression),)), None, among(audiences or {}), self_id=self_id)
    return f"{caught.value.field}: {caught.value.message}"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (Call("equall", (Literal(1), Literal(1))), 'there is no function "equall"'),
        (Call("equal", (Literal(1),)), "equal does not take 1 arguments"),
        (Call("exists", (EVENTS_OF, Literal(True))), "argument 2 of exists must be a lambda"),
        (Call("not", (ANY,)), "argument 1 of not must be a value"),
        (Call("exists", (EVENTS_OF, Lambda((), Literal(True)))), "the lambda of exists names 1 variables"),
        (Variable("E"), 'nothing here is called "E"'),
        (Let("S", Variable("S"), Literal(1)), 'nothing here is called "S"'),
        (Input(2), "an audience is asked about one person: there is no second input"),
        (Member("cooks"), '"cooks" is not an id of an audience'),
        (Call("finds", (Literal("a"), Literal("("))), "is not a pattern"),
        (Chain(EVENTS_OF, TIME, (Step("A", ANY), Step("A", ANY))), "two steps of a chain have the same label"),
        (Chain(EVENTS_OF, Lambda((), Literal(1)), (Step("A", ANY),)), "the lambdas of a chain each name one variable"),
        (
            Chain(EVENTS_OF, TIME, (Step("A", ANY, Beside(Side.AFTER, Variable("B"))), Step("B", ANY))),
            'nothing here is called "B"',
        ),
    ],
)
def test_what_cannot_be_worked_through_is_refused(expression: Value, said: str) -> None:
    assert said in refusal(expression)


def test_what_can_be_is_not() -> None:
    later = Beside(Side.AFTER, Variable("A"))
    check(Where(Chain(EVENTS_OF, TIME, (Step("A", ANY), Step("B", ANY, later)))), None, among({}))
    check(Where(Let("S", Literal(1), Call("equal", (Variable("S"), Literal(1))))), None, among({}))


def test_audiences_inside_an_expression_are_dependencies() -> None:
    rule = And((Where(Call("and", (Member("1"), Member("2")))), InAudience(3)))
    assert audiences_in(rule) == {1, 2, 3}


def test_an_unknown_audience_is_refused() -> None:
    assert refusal(Member("7")) == "rule.and[0].where: audience 7 does not exist"


def test_circles_through_expressions_are_refused() -> None:
    audiences: dict[int, Rule] = {1: Where(Member("2")), 2: InAudience(3), 3: Nobody()}
    check(Where(Member("1")), None, among(audiences), self_id=9)
    assert "would contain itself: 3 → 1 → 2 → 3" in refusal(Member("1"), audiences, self_id=3)
    audiences[3] = Where(Call("not", (Member("1"),)))
    assert "would contain itself" in refusal(Member("1"), audiences)


def test_the_parts_of_an_expression_count_as_words() -> None:
    assert "names more than 20000" in refusal(Call("and", tuple(Literal(True) for _ in range(20_001))))
