"""How an audience is evaluated: the flags that were asked for when they can be had, else the best there is.

Older services turn an audience that is no longer eligible into a batch audience and say nothing. Ours refuses, and
says why.
"""

from collections.abc import Mapping
from typing import Any

from houselights.apis.adobe.audiences.fields import INACTIVE
from houselights.apis.adobe.language.eligibility import Eligibility, Method
from houselights.base.errors import InvalidInput
from houselights.model.audience import Evaluation

FIELD = "evaluationInfo"


def evaluation_info(asked: object, eligible: Eligibility, *, otherwise: Method | None = None) -> dict[str, Any]:
    """Return the three flags. Without one that is set, the method is `otherwise`, or the eligible one that is fastest.

    Raises InvalidInput, with the reasons, for a method by which the expression cannot be evaluated.
    """
    wanted = _wanted(asked) or [otherwise or eligible.chosen]
    for method in wanted:
        if not eligible.allows(method):
            why = ", and ".join(eligible.against[method])
            raise InvalidInput(f"the audience cannot be {method.value}: {why}", field=f"{FIELD}.{method.value}",
                               hint=f"leave {FIELD} out and it will be {eligible.chosen.value}")  # fmt: skip
    return {method.value: {"enabled": method in wanted} for method in Method}


def evaluation_of(kept: Mapping[str, Any]) -> Evaluation:
    """Return the one method that is the soonest of those that are set; what is no rule is worked out in batch.

    What is inactive is not evaluated, whatever was set for it.
    """
    if kept.get("lifecycleState") == INACTIVE:
        return Evaluation.NEVER
    info = kept.get(FIELD) or {}
    for method in (Method.SYNCHRONOUS, Method.CONTINUOUS):
        if info.get(method.value, {}).get("enabled", False):
            return Evaluation(method.value)
    return Evaluation.BATCH


def _wanted(asked: object) -> list[Method]:
    if asked is None:
        return []
    if not isinstance(asked, Mapping):
        raise InvalidInput("expected an object with batch, continuous and synchronous", field=FIELD)
    wanted = []
    for method in Method:
        flag = asked.get(method.value) or {}
        if not isinstance(flag, Mapping) or not isinstance(flag.get("enabled", False), bool):
            raise InvalidInput('expected {"enabled": true} or {"enabled": false}', field=f"{FIELD}.{method.value}")
        if flag.get("enabled", False):
            wanted.append(method)
    return wanted


def explained(eligible: Eligibility, info: Mapping[str, Any]) -> dict[str, Any]:
    """Write how an audience is evaluated and why: for each method, whether it could be, and what speaks against it."""
    methods = {
        method.value: {
            "enabled": bool(info.get(method.value, {}).get("enabled", False)),
            "eligible": eligible.allows(method),
            "reasons": list(eligible.against[method]),
        }
        for method in Method
    }
    return {"explanation": eligible.explain(), **methods}
