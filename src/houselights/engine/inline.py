"""Replaces audiences inside a rule by their own rules. The result names no audience, and is its own cache key."""

from collections.abc import Callable

from houselights.base.errors import InvalidRule
from houselights.rules.tree import And, AtLeast, InAudience, Not, Or, Rule, Where
from houselights.rules.walk import audiences_named

Resolve = Callable[[int], Rule]


def inline(rule: Rule, resolve: Resolve) -> Rule:
    """Return the rule with every audience replaced by what it means today.

    `resolve` raises NotFound for an unknown audience; InvalidRule when audiences contain each other in a circle.
    """
    return _inline(rule, resolve, {}, ())


def _inline(rule: Rule, resolve: Resolve, known: dict[int, Rule], inside: tuple[int, ...]) -> Rule:
    def each(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return tuple(_inline(inner, resolve, known, inside) for inner in rules)

    match rule:
        case InAudience(audience_id):
            if audience_id in inside:
                chain = " → ".join(str(step) for step in (*inside[inside.index(audience_id) :], audience_id))
                raise InvalidRule(f"audiences contain each other in a circle: {chain}")
            if audience_id not in known:
                known[audience_id] = _inline(resolve(audience_id), resolve, known, (*inside, audience_id))
            return known[audience_id]
        case And(rules):
            return And(each(rules))
        case Or(rules):
            return Or(each(rules))
        case Not(negated):
            return Not(_inline(negated, resolve, known, inside))
        case AtLeast(k, rules):
            return AtLeast(k, each(rules))
        case Where(expression, ()):
            named = audiences_named(expression)
            meant = ((name, _inline(InAudience(int(name)), resolve, known, inside)) for name in named)
            return Where(expression, tuple(meant))
        case _:
            return rule
