"""The fields of an audience: which are the caller's, which are ours, and what those of the caller may hold.

What a caller sends comes back as it was sent, unknown fields included; what is ours is worked out and never stored.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from houselights.apis.adobe.config.policies import PROFILE_CLASS
from houselights.apis.adobe.errors import INVALID, UNREADABLE, Refusal
from houselights.base.errors import InvalidInput

PLATFORM, EXTERNAL = "SegmentDefinition", "ExternalSegment"
# Where the room keeps its fields among an audience's attributes.
KEPT = "adobe"

# Worked out by us; ignored in whole objects, since clients send back those that they got.
READ_ONLY = frozenset(
    {
        "id", "imsOrgId", "sandbox", "isSystem", "creationTime", "createEpoch", "updateTime", "updateEpoch", "_etag",
        "dependents", "dependencies", "definedOn", "createdBy", "lastModifiedBy", "profileInstanceId", "state",
        "metrics",
    }
)  # fmt: skip
# Not among the fields that the room keeps: an audience of any API has a name and a description.
OURS = READ_ONLY | {"name", "description"}
ORIGINS = (
    "REAL_TIME_CUSTOMER_PROFILE", "CUSTOM_UPLOAD", "AUDIENCE_ORCHESTRATION", "AUDIENCE_MANAGER", "AUDIENCE_MATCH",
)  # fmt: skip
PLATFORM_NAMESPACE = "AEPSegments"
UPLOAD_NAMESPACE = "CustomerAudienceUpload"
# What an external audience may not have: it is no rule.
RULED_ONLY = ("expression", "mergePolicyId", "evaluationInfo")
TTL_DAYS = 30
_TYPES: Mapping[str, str] = {"SegmentDefinition": PLATFORM, "ExternalSegment": EXTERNAL, "ExternalAudience": EXTERNAL}
_LABEL = re.compile(r"(core|custom)/[\w .-]{1,100}")

DRAFT, PUBLISHED, INACTIVE = "draft", "published", "inactive"
_STATES: Mapping[str, str] = {"draft": DRAFT, "published": PUBLISHED, "active": PUBLISHED, "inactive": INACTIVE}
# A published audience does not become a draft again: others may have come to rely on it.
_AFTER: Mapping[str, Sequence[str]] = {
    DRAFT: (DRAFT, PUBLISHED, INACTIVE),
    PUBLISHED: (PUBLISHED, INACTIVE),
    INACTIVE: (INACTIVE, PUBLISHED),
}


def name_of(body: Mapping[str, Any]) -> str:
    """Return the name. Raises Refusal in the vendor's words when there is none."""
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Refusal(400, UNREADABLE, "Audience name cannot be null or empty. Use a valid name and try again.",
                      field="name")  # fmt: skip
    return name


def description_of(body: Mapping[str, Any]) -> str:
    """Return the description, empty when there is none."""
    description = body.get("description")
    if description is not None and not isinstance(description, str):
        raise InvalidInput("a description is text", field="description")
    return description or ""


def type_of(body: Mapping[str, Any]) -> str:
    """Return which of the two types an audience is of. Raises InvalidInput for others."""
    given = body.get("type", PLATFORM)
    if not isinstance(given, str) or given not in _TYPES:
        raise InvalidInput(f'the type is "{PLATFORM}" or "{EXTERNAL}", not "{given}"', field="type")
    return _TYPES[given]


def state_of(body: Mapping[str, Any], before: str | None = None) -> str:
    """Return the lifecycle state asked for. Raises Refusal for one that does not exist or cannot follow `before`."""
    given = body.get("lifecycleState", before or PUBLISHED)
    state = _STATES.get(given.lower()) if isinstance(given, str) else None
    if state is None:
        hint = "delete the audience instead" if str(given).lower() in {"delete", "deleted", "archived"} else None
        known = ", ".join((DRAFT, PUBLISHED, INACTIVE))
        raise Refusal(400, INVALID, f'lifecycleState is one of {known}, not "{given}"', field="lifecycleState",
                      hint=hint)  # fmt: skip
    if before is not None and state not in _AFTER[before]:
        article = "an" if before == INACTIVE else "a"
        raise Refusal(400, INVALID, f"{article} {before} audience does not become {state}", field="lifecycleState")
    return state


def common(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caller's fields of an audience of either type, checked. Raises InvalidInput naming the field."""
    kept = {name: value for name, value in body.items() if name not in OURS and value is not None}
    schema = kept.setdefault("schema", {"name": PROFILE_CLASS})
    if not isinstance(schema, Mapping) or schema.get("name") != PROFILE_CLASS:
        raise InvalidInput(f'audiences are of "{PROFILE_CLASS}"', field="schema.name")
    labels = kept.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(each, str) and _LABEL.fullmatch(each) for each in labels):
        raise InvalidInput('labels are texts such as "core/C1" or "custom/ours"', field="labels")
    if not isinstance(kept.get("overridePerformanceWarnings", False), bool):
        raise InvalidInput("overridePerformanceWarnings is true or false", field="overridePerformanceWarnings")
    origin = kept.get("originName")
    if origin is not None and origin not in ORIGINS:
        raise InvalidInput(f"originName is one of {', '.join(ORIGINS)}", field="originName")
    days = kept.get("ttlInDays")
    if days is not None and not (str(days).isdigit() and 1 <= int(days) <= 3650):
        raise InvalidInput("ttlInDays is a number of days from 1 to 3650", field="ttlInDays")
    return kept


def excludes_opt_out(kept: Mapping[str, Any]) -> bool:
    """Say whether people who opted out are left out: yes, unless the audience says no. Raises InvalidInput."""
    policy = kept.get("dataGovernancePolicy", {})
    chosen = policy.get("excludeOptOut", True) if isinstance(policy, Mapping) else None
    if not isinstance(chosen, bool):
        raise InvalidInput("excludeOptOut is true or false", field="dataGovernancePolicy.excludeOptOut")
    return chosen
