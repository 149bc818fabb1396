"""What is made of a rule says what the plain evaluator says, of every rule and document."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.apis.adobe.language.trees import NAMES, trees
from tests.strategies import World, worlds

from houselights.base.errors import InvalidRule
from houselights.engine.plain import matches
from houselights.engine.single import Asked, Singles
from houselights.engine.values.compiled import compiled
from houselights.engine.values.evaluate import Circumstances, evaluate
from houselights.rules.functions.comparing import is_true
from houselights.rules.functions.lists import Keyed
from houselights.rules.tree import InAudience
from houselights.rules.values import EVENTS, Call, Value

NOW = datetime(2026, 11, 1, 15, 30, tzinfo=UTC)

plain_values = st.one_of(
    st.booleans(),
    st.integers(-3, 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
    st.integers(-200, 5).map(lambda hours: NOW + timedelta(hours=hours)),
)
values = st.recursive(
    plain_values,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
        st.dictionaries(st.sampled_from(NAMES), inner, max_size=3).map(Keyed),
    ),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)
documents = st.builds(lambda own, events: {**own, EVENTS: events}, objects, st.lists(objects, max_size=4))


def outcome(ask: Callable[[], Any]) -> Any:
    """What comes of asking; a refusal (a pattern that is none) is an outcome too. Rules of no type are not asked."""
    try:
        return is_true(ask())
    except InvalidRule as error:
        return error.message
    except (TypeError, AttributeError, ValueError, OverflowError):
        reject()


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees(), documents, documents)
def test_compiled_rules_say_what_the_plain_evaluator_says(
    rule: Value, one: dict[str, Any], two: dict[str, Any]
) -> None:
    at = Circumstances(inputs=(one, two), now=NOW, is_member=lambda audience: len(audience) > 2)
    plainly = outcome(lambda: evaluate(rule, at))
    if isinstance(plainly, str):
        # Compiled logic stops where it is decided, and may not come upon the pattern.
        with suppress(InvalidRule):
            compiled(rule)(at)
    else:
        assert compiled(rule)(at) == plainly


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(max_people=4))
def test_one_person_is_in_what_the_plain_evaluator_says(world: World) -> None:
    audiences = {**world.audiences, 1: world.rule}
    singles = Singles(audiences.__getitem__)
    for person in world.people:
        asked = Asked(person, world.as_of, world.as_of)
        for audience_id in audiences:
            wanted = matches(InAudience(audience_id), person, resolve=audiences.__getitem__, as_of=world.as_of)
            assert singles.is_member(audience_id, asked) == wanted


def test_circles_are_refused() -> None:
    circle = {1: InAudience(2), 2: InAudience(1)}
    with pytest.raises(InvalidRule, match="1 → 2 → 1"):
        Singles(circle.__getitem__).is_member(1, Asked(None, NOW, NOW))  # type: ignore[arg-type]


def test_an_unknown_function_is_refused_when_it_is_made() -> None:
    with pytest.raises(InvalidRule, match="no function"):
        compiled(Call("reckon", ()))
