"""`audienceTargetingExpression` ⇄ rule tree. Pure: no ids are looked up here, no person is counted.

Members of a group unite, included groups intersect, the one excluded group is taken away:

    (g₁a ∪ g₁b) ∩ (g₂a) − (x₁ ∪ x₂)   ⇄   And(Or(a, b), c, Not(Or(x₁, x₂)))

An expression of nothing but an exclusion means everyone else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from houselights.apis.amazon.dsp.expression import Member
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.rules.tree import And, InAudience, Not, Or, Rule

ID_DIGITS_MOST = 19  # 2⁶³ has nineteen


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionLimits:
    """How large an expression may be; both products allow ten included groups and one excluded."""

    audiences_per_group: int
    included_groups: int = 10
    excluded_groups: int = 1


INSIGHT_LIMITS = ExpressionLimits(audiences_per_group=500)
COMBINED_LIMITS = ExpressionLimits(audiences_per_group=100)


def rule_of(members: Sequence[Member], limits: ExpressionLimits, *, field: str) -> Rule:
    """Translate an expression; `field` is where it stands in the request, for error messages.

    Raises Rejected with every fault found: ids that are no numbers, a group both included and excluded, too many
    groups, too many audiences in one.
    """
    groups: dict[str, list[int]] = {}
    negative: dict[str, bool] = {}
    faults: list[Detail] = []
    for position, member in enumerate(members):
        place = f"{field}.audiences[{position}]"
        number = audience_id_of(member.audience_id)
        if number is None:
            faults.append(Detail(Kind.INVALID, f'"{member.audience_id}" is not an audience id', f"{place}.audienceId"))
            continue
        if negative.setdefault(member.group_id, member.excluded) is not member.excluded:
            why = f'all audiences of group "{member.group_id}" must have the same value of negative'
            faults.append(Detail(Kind.INVALID, why, f"{place}.negative"))
        groups.setdefault(member.group_id, []).append(number)
    faults += _over_the_limits(groups, negative, limits, f"{field}.audiences")
    if faults:
        raise Rejected(faults)
    included = [any_of(ids) for group, ids in groups.items() if not negative[group]]
    excluded = [Not(any_of(ids)) for group, ids in groups.items() if negative[group]]
    parts = (*included, *excluded)
    return parts[0] if len(parts) == 1 else And(parts)


def audience_id_of(text: str) -> int | None:
    """Read an audience id, None when the text is no 64-bit number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MOST else None


def any_of(ids: Sequence[int]) -> Rule:
    """Return the union of audiences, each named once, in the order given."""
    named = tuple(InAudience(audience_id) for audience_id in dict.fromkeys(ids))
    return named[0] if len(named) == 1 else Or(named)


def _over_the_limits(
    groups: Mapping[str, Sequence[int]], negative: Mapping[str, bool], limits: ExpressionLimits, field: str
) -> list[Detail]:
    """Return what is too large, nothing when all is well."""
    faults = []
    excluded = sum(negative.values())
    included = len(negative) - excluded
    if included > limits.included_groups:
        why = f"at most {limits.included_groups} included groups are allowed, found {included}"
        faults.append(Detail(Kind.OUT_OF_RANGE, why, field))
    if excluded > limits.excluded_groups:
        why = f"only {limits.excluded_groups} excluded group is allowed, found {excluded}"
        faults.append(Detail(Kind.OUT_OF_RANGE, why, field))
    for group, ids in groups.items():
        if len(ids) > limits.audiences_per_group:
            why = f'group "{group}" has {len(ids)} audiences, at most {limits.audiences_per_group} are allowed'
            faults.append(Detail(Kind.OUT_OF_RANGE, why, field))
    return faults


def expression_of(rule: Rule) -> list[Member] | None:
    """Write a rule as an expression, None when it cannot be said in this dialect.

    For combined audiences that were not made here. Groups are called "Group 1", "Group 2", … and "Excluded".
    """
    included: list[list[int]] = []
    excluded: list[int] = []
    for part in rule.rules if isinstance(rule, And) else (rule,):
        if isinstance(part, Not):
            ids = _ids_of(part.rule)
            excluded += ids or ()
        else:
            ids = _ids_of(part)
            included.append(ids or [])
        if not ids:
            return None
    members = [_member(audience_id, f"Group {n}", False) for n, ids in enumerate(included, 1) for audience_id in ids]
    return members + [_member(audience_id, "Excluded", True) for audience_id in excluded] or None


def _ids_of(rule: Rule) -> list[int] | None:
    """Return the audiences of a plain union, None for anything else."""
    parts = rule.rules if isinstance(rule, Or) else (rule,)
    ids = [part.audience_id for part in parts if isinstance(part, InAudience)]
    return ids if len(ids) == len(parts) else None


def _member(audience_id: int, group: str, excluded: bool) -> Member:
    return Member.model_validate({"audienceId": str(audience_id), "groupId": group, "negative": excluded})
