"""Shows in which order the parameters of an audience are evaluated, and how many people each step leaves. Our own.

It counts over the people of today, not over those there were when the audience was built; the audience itself stays.
"""

from typing import Any

from houselights.apis.statsocial.audiences.plan import ORDER, Plan, together
from houselights.rules.consent import OPTED_OUT
from houselights.rules.english import english
from houselights.rules.json_form import to_json
from houselights.rules.tree import And, Not, Rule
from houselights.services.caller import Caller
from houselights.services.house import House


def explained(house: House, caller: Caller, plan: Plan) -> dict[str, Any]:
    """Return the order, the steps with their counts as the caller may know them, and the rule. Raises InvalidRule."""
    catalogue = house.snapshots.current(caller.workspace.id).catalogue
    steps = []
    ordered = plan.ordered
    for step, part in enumerate(ordered):
        resolve = house.audiences.check(caller, part.rule, catalogue=catalogue)
        names = house.explain.names(caller, part.rule, catalogue, resolve)
        steps.append(
            {
                "step": step + 1,
                "parameter": part.position,
                "operation": part.operation,
                "kind": part.kind,
                "means": english(part.rule, names),
                "people": _size(house, caller, part.rule),
                "people_after": _size(house, caller, together(ordered[: step + 1])),
                "notes": list(part.notes),
            }
        )
    left = _size(house, caller, And((plan.rule, Not(OPTED_OUT))))
    steps.append(
        {
            "step": len(ordered) + 1,
            "parameter": None,
            "operation": "NOT",
            "kind": "opted_out",
            "means": "opted out of being addressed: nobody who did is in an audience",
            "people": _size(house, caller, OPTED_OUT),
            "people_after": left,
            "notes": [],
        }
    )
    return {"order": ORDER, "steps": steps, "people": left, "rule": to_json(plan.rule)}


def _size(house: House, caller: Caller, rule: Rule) -> dict[str, Any]:
    size = house.insights.size(caller, rule)
    return {"exact": size.exact, "min": size.band.low, "max": size.band.high}
