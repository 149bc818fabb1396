"""Makes audiences of requests: checked, translated, paid for, and handed to those who build them."""

from collections.abc import Mapping
from typing import Any

from houselights.apis.statsocial.audiences.outputs import chosen_outputs
from houselights.apis.statsocial.audiences.plan import Plan
from houselights.apis.statsocial.audiences.rules import check_order
from houselights.apis.statsocial.audiences.schemas import NewAudience, Parameter, Wishes
from houselights.apis.statsocial.audiences.translate import plan_of
from houselights.apis.statsocial.origin import ORIGIN
from houselights.apis.statsocial.policy import Policy
from houselights.base.errors import Conflict
from houselights.model.build import Build
from houselights.services.builds.builds import rule_source
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.lookalike.expand import LOOKALIKE


class Making:
    """Makes audiences for the clients of one room."""

    def __init__(self, house: House, policy: Policy):
        self._house = house
        self._policy = policy

    def create(self, caller: Caller, body: NewAudience, sent: Mapping[str, Any]) -> Build:
        """Begin the audience that a request describes; `sent` is the request as it came, of which the parameters are
        read back. Raises Rejected, InvalidRule, NoCredit.
        """
        plan = self.plan(caller, body.parameters)
        about = body.audience
        asked = {**self.wishes(caller, body, {}), "parameters": sent["parameters"]}
        return self._start(caller, plan, about.name, about.description, asked)

    def again(self, caller: Caller, build: Build, wishes: Wishes) -> Build:
        """Begin an audience of the parameters of another; what is not wished for anew is as it was for that one.

        Raises Conflict for one that was not made of parameters, and what `create` raises.
        """
        plan = self.plan_again(caller, build)
        asked = {
            **self.wishes(caller, wishes, build.asked),
            "parameters": build.asked["parameters"],
            "made_from": {"kind": "regenerated", "audience_id": build.number},
        }
        return self._start(caller, plan, build.name, build.description, asked)

    def plan(self, caller: Caller, parameters: list[Parameter]) -> Plan:
        """Return what parameters mean for a caller who may ask for them. Raises Rejected."""
        strict = self._policy.strict
        check_order(parameters, self._house.rights.of(caller), strict=strict)
        return plan_of(self._house, caller, parameters, strict=strict)

    def plan_again(self, caller: Caller, build: Build) -> Plan:
        """Return what the parameters of an audience mean today. Raises Conflict for one that has none, Rejected."""
        sent = build.asked.get("parameters")
        if build.source["kind"] == LOOKALIKE:
            raise Conflict(
                "expanded audiences cannot be regenerated", hint="expand the audience it was grown from again"
            )
        if not sent:
            raise Conflict(f"audience {build.number} was not made of parameters", hint="regenerate what it was made of")
        return self.plan(caller, [Parameter.model_validate(each) for each in sent])

    def _start(self, caller: Caller, plan: Plan, name: str, description: str, asked: dict[str, Any]) -> Build:
        rule = plan.rule
        self._house.audiences.check(caller, rule)
        return self._house.builds.start(
            caller,
            origin=ORIGIN,
            name=name,
            description=description,
            source=rule_source(rule),
            asked={**asked, "notes": plan.notes},
        )

    def wishes(self, caller: Caller, wishes: Wishes, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is to be made of an audience, as a build keeps it; what is not said is as it was `before`."""
        said = wishes.model_dump(include=set(Wishes.model_fields), exclude_none=True)
        rights = self._house.rights.of(caller)
        as_before = [each for each in before.get("outputs", []) if rights.may_generate(each)] or None
        kept = {name: before[name] for name in Wishes.model_fields if name in before} | said
        return {**kept, "outputs": chosen_outputs(said.get("outputs", as_before), rights)}
