"""An audience as this API writes it: every field of the guide, in the guide's order, then whatever the caller kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.audiences.fields import EXTERNAL, KEPT, PLATFORM, PUBLISHED
from houselights.apis.adobe.ids import short_hash, uuid_of
from houselights.apis.adobe.wire import present
from houselights.model.audience import Audience

UNION = "https://ns.adobe.com/xdm/context/profile__union"
# Audiences that another API made are external to this one: it can use them, and not change them.
ELSEWHERE = "Houselights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Ids of the audiences that stand on this one, and of those it stands on."""

    dependents: Sequence[int] = ()
    dependencies: Sequence[int] = ()


def kept_of(audience: Audience) -> Mapping[str, Any]:
    """Return the fields that this room keeps of an audience; of one made elsewhere, those it seems to have."""
    kept: Mapping[str, Any] | None = audience.attributes.get(KEPT)
    if kept is not None:
        return kept
    return {
        "type": EXTERNAL,
        "audienceId": str(audience.id),
        "namespace": ELSEWHERE,
        "originName": "CUSTOM_UPLOAD",
        "lifecycleState": PUBLISHED,
        "schema": {"name": "_xdm.context.profile"},
    }


def is_made_here(audience: Audience) -> bool:
    """Say whether this room made an audience, and may change it."""
    return KEPT in audience.attributes


def log_of(audience: Audience) -> int:
    """Return the number under which comings and goings of members are logged: of uploaded ones that of their list."""
    return int(kept_of(audience).get("listId") or audience.id)


def etag_of(audience: Audience) -> str:
    """Return the tag of this version: quotes are part of it, and the last group begins with the second of change."""
    first = short_hash(audience.id, audience.version)
    return f'"{first}-0000-0200-0000-{int(audience.updated_at.timestamp()):08x}0000"'


def written(audience: Audience, guest: Guest, related: Related) -> dict[str, Any]:
    """Write an audience."""
    kept = kept_of(audience)
    is_platform = kept["type"] == PLATFORM
    told = present(
        id=uuid_of(audience.id),
        audienceId=kept.get("audienceId") or uuid_of(audience.id),
        schema=kept.get("schema"),
        profileInstanceId="ups" if is_platform else None,
        **guest.place,
        isSystem=False,
        name=audience.name,
        description=audience.description,
        expression=kept.get("expression"),
        mergePolicyId=kept.get("mergePolicyId"),
        evaluationInfo=kept.get("evaluationInfo"),
        dataGovernancePolicy=kept.get("dataGovernancePolicy"),
        creationTime=_milliseconds(audience.created_at),
        updateEpoch=int(audience.updated_at.timestamp()),
        updateTime=_milliseconds(audience.updated_at),
        createEpoch=int(audience.created_at.timestamp()),
        _etag=etag_of(audience),
        dependents=[uuid_of(each) for each in related.dependents],
        dependencies=[uuid_of(each) for each in related.dependencies],
        definedOn=[_union()] if is_platform else None,
        type=kept["type"],
        state="enabled" if is_platform else None,
        originName=kept.get("originName"),
        overridePerformanceWarnings=kept.get("overridePerformanceWarnings", False) if is_platform else None,
        createdBy=kept.get("createdBy"),
        lastModifiedBy=kept.get("lastModifiedBy"),
        lifecycleState=kept.get("lifecycleState"),
        labels=kept.get("labels", []),
        namespace=kept.get("namespace"),
        saveSegmentMembership=kept.get("saveSegmentMembership", True),
        ansibleUiEnabled=kept.get("ansibleUiEnabled", False) if is_platform else None,
    )
    return told | {name: value for name, value in kept.items() if name not in told and name != "listId"}


def _union() -> dict[str, str]:
    return {"meta:resourceType": "unions", "meta:containerId": "tenant", "$ref": UNION}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
