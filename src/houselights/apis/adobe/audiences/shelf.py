"""The audiences of a sandbox, as this room finds, makes and changes them. Everything they are made of is checked here.

Refuses what the guide refuses, in its words: a namespace that changes, a state that cannot follow, deleting or taking
out of use what other audiences stand on, and a change upon a version that is no longer the newest.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.audiences.evaluation import evaluation_info, evaluation_of
from houselights.apis.adobe.audiences.fields import (
    EXTERNAL,
    INACTIVE,
    KEPT,
    PLATFORM,
    PLATFORM_NAMESPACE,
    RULED_ONLY,
    UPLOAD_NAMESPACE,
    common,
    description_of,
    excludes_opt_out,
    name_of,
    state_of,
    type_of,
)
from houselights.apis.adobe.audiences.translate import Related, etag_of, is_made_here, kept_of, written
from houselights.apis.adobe.config.policies import Policies
from houselights.apis.adobe.errors import DEPENDED_ON, INVALID, UNKNOWN, Refusal
from houselights.apis.adobe.expressions import Expressions, members_named, read_expression
from houselights.apis.adobe.ids import id_of, uuid_of
from houselights.apis.adobe.language.eligibility import Method
from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.base.ids import random_id
from houselights.model.audience import Audience, AudienceFilter, AudienceKind, AudienceStatus
from houselights.rules.tree import Listed, Rule, Where
from houselights.rules.walk import audiences_named
from houselights.services.house import House

MOST = 10_000  # the vendor's guardrail is 4,000 audiences in a sandbox
_ACTIVE = frozenset({AudienceStatus.ACTIVE})
_LISTED = frozenset(AudienceKind) - {AudienceKind.REFERENCE}


class Shelf:
    """Audiences over one house."""

    def __init__(self, house: House):
        self._house = house
        self.expressions = Expressions(house)
        self._policies = Policies(house)

    # ── finding ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def all(self, guest: Guest, *, name: str = "") -> list[Audience]:
        """Return the audiences of the sandbox, oldest first, deleted and reference ones left out."""
        words = (name.replace("*", ""),) if name.strip("*") else ()
        where = AudienceFilter(kinds=_LISTED, statuses=_ACTIVE, name_words=words)
        found, _ = self._house.audiences.list(guest.caller, where, 0, MOST)
        return found

    def get(self, guest: Guest, audience_id: str) -> Audience:
        """Return an audience by its `id`. Raises Refusal when there is none."""
        number = id_of(audience_id)
        try:
            found = None if number is None else self._house.audiences.get(guest.caller, number)
        except NotFound:
            found = None
        if found is None or found.status is AudienceStatus.ARCHIVED:
            message = f"The audience entity {audience_id} is not found. Use a valid entity and try again."
            raise Refusal(404, UNKNOWN, message)
        return found

    def find(self, guest: Guest, asked: Sequence[str | tuple[str, str]]) -> dict[str, Audience]:
        """Return those of the audiences that are there, by what was asked: an `id`, or an audience id and namespace."""
        numbers = {name: id_of(name) for name in asked if isinstance(name, str)}
        known = self._house.audiences.find(guest.caller, [each for each in numbers.values() if each is not None])
        found = {name: known[number] for name, number in numbers.items() if number in known}
        pairs = [name for name in asked if not isinstance(name, str)]
        if pairs:
            for audience in self.all(guest):
                kept = kept_of(audience)
                own = kept.get("audienceId") or uuid_of(audience.id)
                for audience_id, namespace in pairs:
                    if own == audience_id and namespace in {"", kept.get("namespace")}:
                        found[audience_id] = audience
        return {name: each for name, each in found.items() if each.status is AudienceStatus.ACTIVE}

    def named(self, guest: Guest, name: str) -> Audience | None:
        """Return the audience that an expression calls by its `id` or `audienceId`; None for no audience."""
        found = self.find(guest, [name]) or self.find(guest, [(name, "")])
        return found.get(name)

    def number_of(self, guest: Guest, name: str) -> int | None:
        """Return our id of the audience that a request calls by its `id` or `audienceId`; None for no audience."""
        found = self.named(guest, name)
        return None if found is None else found.id

    def told(self, guest: Guest, audience: Audience) -> dict[str, Any]:
        """Write an audience, with what stands on it and what it stands on."""
        repository = self._house.control.audiences
        above = sorted(repository.dependents(audience.workspace_id, audience.id))
        known = repository.find(audience.workspace_id, above)
        related = Related(
            dependents=[each for each in above if known[each].status is AudienceStatus.ACTIVE],
            dependencies=sorted(repository.dependencies(audience.workspace_id, audience.id)),
        )
        return written(audience, guest, related)

    def is_active_on_edge(self, guest: Guest, kept: Mapping[str, Any]) -> bool:
        """Say whether the merge policy of an audience lets it be evaluated as profiles stream in."""
        return bool(self._policy(guest, kept["mergePolicyId"])["isActiveOnEdge"])

    # ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def create(self, guest: Guest, body: Mapping[str, Any], *, otherwise: Method | None = None) -> Audience:
        """Make an audience of a request; one that asks for no method of evaluation gets `otherwise`.

        Raises Refusal, InvalidInput, InvalidRule, Conflict.
        """
        name, kind = name_of(body), type_of(body)
        fields = common(body) | {"type": kind, "lifecycleState": state_of(body), "createdBy": _who(guest)}
        if kind == EXTERNAL:
            rule, kept = self._external(guest, fields)
        else:
            fields.pop("audienceId", None)  # of a platform audience it is the id, which is ours to give
            rule, kept = self._platform(guest, fields, None, otherwise)
        return self._house.audiences.create(
            guest.caller,
            name=name,
            description=description_of(body),
            rule=rule,
            kind=AudienceKind.ADVERTISER if kind == EXTERNAL else AudienceKind.CUSTOM,
            category="Advertiser audiences" if kind == EXTERNAL else "Custom-built",
            attributes={KEPT: kept},
            evaluation=evaluation_of(kept),
            exclude_opted_out=excludes_opt_out(kept),
        )

    def replace(self, guest: Guest, old: Audience, body: Mapping[str, Any], if_match: str | None) -> Audience:
        """Overwrite an audience. An expression is kept when none is sent: an audience without a rule is none.

        Raises Refusal (412 when `if_match` names another version), InvalidInput, InvalidRule.
        """
        self._must_be_changeable(old, if_match)
        before = kept_of(old)
        name, kind = name_of(body), type_of({"type": before["type"], **body})
        if kind != before["type"]:
            raise Refusal(400, INVALID, "Type is immutable field", field="type")
        if body.get("namespace", before["namespace"]) != before["namespace"]:
            raise Refusal(400, INVALID, "Namespace is immutable field", field="namespace")
        state = state_of(body, before["lifecycleState"])
        if state == INACTIVE != before["lifecycleState"]:
            self._must_not_carry(guest, old, INVALID, "deactivated")
        ours = {"createdBy": before.get("createdBy"), "namespace": before["namespace"], "lastModifiedBy": _who(guest)}
        fields = common(body) | {"type": kind, "lifecycleState": state} | ours
        rule: Rule | None = None
        self._must_not_lose_its_name(guest, old, fields)
        if kind == EXTERNAL:
            _must_not_be_ruled(fields)
            kept = {"audienceId": before["audienceId"], "originName": before["originName"], **fields}
            kept["listId"] = before["listId"]
        else:
            rule, kept = self._platform(guest, fields, before)
            self._must_not_stand_on_itself(old, rule)
        try:
            return self._house.audiences.update(
                guest.caller,
                old.id,
                expected_version=old.version,
                name=name,
                description=description_of(body),
                rule=rule,
                attributes={**old.attributes, KEPT: kept},
                evaluation=evaluation_of(kept),
                exclude_opted_out=excludes_opt_out(kept),
            )
        except Conflict as error:
            raise Refusal(412, "412", "the audience was changed by somebody else in the meantime") from error

    def delete(self, guest: Guest, old: Audience, if_match: str | None) -> None:
        """Take an audience away. Raises Refusal while others stand on it."""
        self._must_be_changeable(old, if_match)
        self._must_not_carry(guest, old, DEPENDED_ON, "deleted")
        self._house.audiences.archive(guest.caller, old.id)

    # ── the two types ───────────────────────────────────────────────────────────────────────────────────────────────

    def _platform(
        self,
        guest: Guest,
        fields: dict[str, Any],
        before: Mapping[str, Any] | None,
        otherwise: Method | None = None,
    ) -> tuple[Rule, dict[str, Any]]:
        """Return the rule of an audience with an expression, and the fields to keep."""
        written_again = fields.get("expression") or (before or {}).get("expression")
        if written_again is None:
            raise InvalidInput("an audience needs an expression", field="expression")
        policy_id = fields.get("mergePolicyId") or (before or {}).get("mergePolicyId")
        policy = self._policies.default(guest) if policy_id is None else self._policy(guest, policy_id)
        checked = self.expressions.check(
            guest,
            read_expression(written_again),
            lambda name: self.named(guest, name),
            active_on_edge=bool(policy["isActiveOnEdge"]),
            override_warnings=fields.get("overridePerformanceWarnings", False),
        )
        unchanged = before is not None and before.get("expression") == written_again
        asked = fields.get("evaluationInfo", before.get("evaluationInfo") if before and unchanged else None)
        kept = {
            "namespace": PLATFORM_NAMESPACE,
            "originName": "REAL_TIME_CUSTOMER_PROFILE",
            **fields,
            "expression": written_again,
            "mergePolicyId": policy["id"],
            "evaluationInfo": evaluation_info(asked, checked.eligibility, otherwise=otherwise),
            "dataGovernancePolicy": {
                **fields.get("dataGovernancePolicy", {}),
                "excludeOptOut": excludes_opt_out(fields),
            },
        }
        if kept["namespace"] != PLATFORM_NAMESPACE:
            raise Refusal(400, INVALID, f'the namespace of a {PLATFORM} is "{PLATFORM_NAMESPACE}"', field="namespace")
        return checked.rule, kept

    def _external(self, guest: Guest, fields: dict[str, Any]) -> tuple[Rule, dict[str, Any]]:
        """Return the rule of an audience whose members are uploaded, and the fields to keep."""
        _must_not_be_ruled(fields)
        list_id = random_id()
        kept: dict[str, Any] = {
            "namespace": UPLOAD_NAMESPACE,
            "originName": "CUSTOM_UPLOAD",
            **fields,
            "listId": str(list_id),
        }
        audience_id = kept.setdefault("audienceId", str(list_id))
        if self.find(guest, [(str(audience_id), kept["namespace"])]):
            raise Conflict(f'there is an audience "{audience_id}" in {kept["namespace"]}', field="audienceId")
        return Listed(list_id), kept

    # ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────

    def _policy(self, guest: Guest, policy_id: object) -> dict[str, Any]:
        try:
            return self._policies.get(guest, str(policy_id))
        except NotFound as error:
            raise InvalidInput(f'there is no merge policy "{policy_id}"', field="mergePolicyId") from error

    @staticmethod
    def _must_be_changeable(audience: Audience, if_match: str | None) -> None:
        if not is_made_here(audience):
            raise Refusal(400, INVALID, f'"{audience.name}" was made through another API, and is changed there')
        tags = {tag.strip() for tag in (if_match or "*").split(",")}
        if not tags & {"*", etag_of(audience)}:
            message = f"the audience is at {etag_of(audience)}, not {if_match}"
            raise Refusal(412, "412", message, field="If-Match", hint="read it again, and change that")

    def _must_not_carry(self, guest: Guest, audience: Audience, code: str, word: str) -> None:
        """Raise Refusal while audiences that are in use stand on this one, naming those the caller may see."""
        standing = [
            each
            for each in self._house.audiences.dependents(guest.caller, audience.id)
            if each.status is AudienceStatus.ACTIVE and kept_of(each).get("lifecycleState") != INACTIVE
        ]
        hidden = self._house.control.audiences.dependents(audience.workspace_id, audience.id)
        if standing or (code == DEPENDED_ON and self._any_active(audience, hidden)):
            names = ", ".join(f'"{each.name}"' for each in standing[:5]) or "others"
            message = f'"{audience.name}" cannot be {word}: it is used by {names}'
            raise Refusal(400, code, message, hint="change or delete those first")

    def _must_not_lose_its_name(self, guest: Guest, audience: Audience, fields: Mapping[str, Any]) -> None:
        """Raise Refusal for another `audienceId` while expressions call the audience by the one it has.

        Raises Conflict for one that another audience of the namespace has.
        """
        kept = kept_of(audience)
        name, before = fields.get("audienceId"), kept.get("audienceId")
        if name in {None, before, uuid_of(audience.id)}:
            return
        if self.find(guest, [(str(name), kept["namespace"])]):
            raise Conflict(f'there is an audience "{name}" in {kept["namespace"]}', field="audienceId")
        for each in self._house.audiences.dependents(guest.caller, audience.id):
            expression = kept_of(each).get("expression")
            if expression is not None and before in members_named(read_expression(expression)):
                message = f'"{each.name}" calls this audience "{before}"'
                raise Refusal(400, INVALID, message, field="audienceId", hint="change that one first")

    def _must_not_stand_on_itself(self, audience: Audience, rule: Rule) -> None:
        """Raise Refusal for a rule that asks for the audience it is of, if only through others."""
        assert isinstance(rule, Where), "an audience of this room with a rule has an expression"
        waiting, seen = {int(name) for name in audiences_named(rule.expression)}, set[int]()
        while waiting:
            number = waiting.pop()
            if number == audience.id:
                message = f'"{audience.name}" would contain itself'
                raise Refusal(400, INVALID, message, field="expression.value", hint="look at its dependents")
            seen.add(number)
            waiting |= set(self._house.control.audiences.dependencies(audience.workspace_id, number)) - seen

    def _any_active(self, audience: Audience, others: set[int]) -> bool:
        known = self._house.control.audiences.find(audience.workspace_id, others)
        return any(each.status is AudienceStatus.ACTIVE for each in known.values())


def _must_not_be_ruled(fields: Mapping[str, Any]) -> None:
    for word in RULED_ONLY:
        if word in fields:
            raise InvalidInput(f"an {EXTERNAL} has no {word}", field=word)


def _who(guest: Guest) -> str:
    client = guest.caller.client
    return "operator" if client is None else client.client_id
