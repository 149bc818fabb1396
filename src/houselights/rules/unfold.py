"""Opens expressions that are made of others: "and", "or", "not" and membership become people-level nodes.

The people are the same. What changes is what can be told apart: each part has a count of its own.
"""

from houselights.rules.json_values import is_identifier
from houselights.rules.tree import And, InAudience, Not, Or, Rule, Where
from houselights.rules.values import Call, Lambda, Member, Value


def unfold(rule: Where) -> Rule:
    """Return the same people as sets put together, as far as the expression is made of conditions."""
    return _unfold(rule.expression, dict(rule.members))


def _unfold(node: Value, meant: dict[str, Rule]) -> Rule:
    match node:
        case Call("and" | "or" as joint, parts):
            inner = tuple(_unfold(part, meant) for part in parts if not isinstance(part, Lambda))
            return And(inner) if joint == "and" else Or(inner)
        case Call("not", (part,)) if not isinstance(part, Lambda):
            return Not(_unfold(part, meant))
        case Member(audience) if audience in meant:
            return meant[audience]
        case Member(audience) if is_identifier(audience):
            return InAudience(int(audience))
        case _:
            return Where(node, tuple(meant.items()))
