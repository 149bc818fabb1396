"""What of an audience's parameters its growth may be held to: filters (AND), exclusions (NOT), or both."""

from houselights.apis.statsocial.audiences.making import Making
from houselights.apis.statsocial.audiences.plan import Plan
from houselights.base.errors import Conflict
from houselights.model.build import Build
from houselights.rules.consent import OPTED_OUT
from houselights.rules.tree import And, Not, Rule
from houselights.services.caller import Caller


def conditions(making: Making, caller: Caller, build: Build, *, filters: bool, exclusions: bool) -> Rule | None:
    """Return whom the parameters of an audience would let in as they are understood today; None when anybody.

    Raises Conflict when conditions are asked for of an audience that was not made of parameters, Rejected.
    """
    if not filters and not exclusions:
        return None
    if not build.asked.get("parameters"):
        why = f"audience {build.number} was not made of parameters: it has no filters or exclusions to apply again"
        raise Conflict(why, field="reapply_filters" if filters else "reapply_exclusions")
    return _of_plan(making.plan_again(caller, build), filters=filters, exclusions=exclusions)


def drawn_from(making: Making, caller: Caller, build: Build) -> Rule:
    """Return the universe of an audience: all whom its filters and exclusions let in, but for who opted out."""
    if not build.asked.get("parameters"):
        return Not(OPTED_OUT)
    let_in = _of_plan(making.plan_again(caller, build), filters=True, exclusions=True)
    return Not(OPTED_OUT) if let_in is None else And((let_in, Not(OPTED_OUT)))


def _of_plan(plan: Plan, *, filters: bool, exclusions: bool) -> Rule | None:
    kept: list[Rule] = [part.rule for part in plan.of("AND")] if filters else []
    without: list[Rule] = [Not(part.rule) for part in plan.of("NOT")] if exclusions else []
    rules = (*kept, *without)
    return None if not rules else rules[0] if len(rules) == 1 else And(rules)
