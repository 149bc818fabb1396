"""What is checked when an audience is saved: how complex it is and how much it will cost. Never asked of old ones.

Two classes, as documented: a critical finding refuses the save, a warning does not, unless the deployment says so, and
then the caller's `overridePerformanceWarnings` lifts it. The numbers are settings, because Adobe has published two of
them for chains (6, later 3) and none for logic.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from houselights.base.errors import InvalidRule
from houselights.rules.functions import AGGREGATES
from houselights.rules.values import Call, Chain, Lambda, Let, Node, Step, Value
from houselights.rules.walk import every, inside

_ENOUGH = 10**9  # clauses are counted no further


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The most that is allowed of each. `clauses` is the size of the logic written as "and" of "or"s."""

    clauses: int = 1000
    sequence: int = 6
    aggregations: int = 3
    depth: int = 2
    audience_share: float = 0.30
    warnings_refuse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something over its threshold. `check` is a stable name for programs, `message` is for people."""

    check: str
    critical: bool
    message: str


def validate(rule: Value, thresholds: Thresholds, *, audience_share: float | None = None) -> tuple[Finding, ...]:
    """Return what is over its threshold, critical findings first.

    `audience_share` is the audience's part of all profiles, 0 to 1, None while nobody has counted.
    """
    clauses = clauses_of(rule)
    longest = max((len(each.steps) for each in every(rule) if isinstance(each, Chain)), default=0)
    aggregations = sum(isinstance(each, Call) and each.function in AGGREGATES for each in every(rule))
    depth = list_depth(rule)
    share = audience_share or 0.0
    rows = (
        ("logicalComplexity", True, clauses, thresholds.clauses, f"the logic has {clauses} clauses"),
        ("sequentialEvents", True, longest, thresholds.sequence, f"a chain has {longest} events in sequence"),
        ("aggregation", False, aggregations, thresholds.aggregations, f"there are {aggregations} aggregations"),
        ("nestingDepth", False, depth, thresholds.depth, f"lists and maps are nested {depth} deep"),
        ("audienceSize", False, share, thresholds.audience_share, f"the audience is {share:.0%} of all profiles"),
    )
    return tuple(
        Finding(check=check, critical=critical, message=f"{message}; {_most(check, most)}")
        for check, critical, value, most, message in rows
        if value > most
    )


def refuse(findings: Sequence[Finding], thresholds: Thresholds, *, override_warnings: bool) -> None:
    """Raise InvalidRule when the findings refuse the save."""
    lifted = override_warnings or not thresholds.warnings_refuse
    faults = [each.message for each in findings if each.critical or not lifted]
    if faults:
        warned = all(not each.critical for each in findings)
        hint = (
            "set overridePerformanceWarnings to save it all the same" if warned else "split it into several audiences"
        )
        raise InvalidRule("; ".join(faults), hint=hint)


def _most(check: str, most: float) -> str:
    return f"at most {most:.0%} is advised" if check == "audienceSize" else f"at most {most} is allowed"


def clauses_of(rule: Value) -> int:
    """Return how many clauses the logic has when written as "and" of "or"s, without writing it: the blow-up."""
    return _clauses(rule, conjunctive=True)


def _clauses(node: Node, *, conjunctive: bool) -> int:
    match node:
        case Call("not", (operand,)):
            return _clauses(operand, conjunctive=not conjunctive)
        case Call("and" | "or" as word, arguments):
            counts = [_clauses(each, conjunctive=conjunctive) for each in arguments]
            if (word == "and") is conjunctive:
                return min(_ENOUGH, sum(counts))
            product = 1
            for count in counts:
                product = min(_ENOUGH, product * count)
            return product
        case Call("exists" | "forall" | "filter", (of, Lambda(_, body))):
            return min(_ENOUGH, _clauses(of, conjunctive=conjunctive) * _clauses(body, conjunctive=conjunctive))
        case Let(_, _, body) | Lambda(_, body):
            return _clauses(body, conjunctive=conjunctive)
        case Chain(steps=steps):
            return min(_ENOUGH, sum(_clauses(each.what, conjunctive=True) for each in steps))
        case _:
            return 1


def list_depth(node: Node) -> int:
    """Return how many lists or maps are opened inside one another: a filter in a filter, a get after a get."""
    match node:
        case Call("get", (of, *_)):
            return 1 + list_depth(of)
        case Call(_, arguments) if any(isinstance(each, Lambda) for each in arguments):
            bodies = max(1 + list_depth(each.body) for each in arguments if isinstance(each, Lambda))
            values = max((list_depth(each) for each in arguments if not isinstance(each, Lambda)), default=0)
            return max(bodies, values)
        case Step():
            return 1 + max((list_depth(each) for each in inside(node)), default=0)
        case _:
            return max((list_depth(each) for each in inside(node)), default=0)
