"""Audiences as rows and back. Reads and writes nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row

from houselights.base.errors import InvalidInput
from houselights.model.audience import Audience, AudienceKind, AudienceStatus, AudienceVersion, Evaluation
from houselights.storage.control.columns import storable
from houselights.storage.control.places import place_of


def row_of(value: Audience) -> dict[str, Any]:
    """Return the row of an audience. Raises InvalidInput for texts that the databases cannot keep."""
    if not storable(value.name) or not storable(value.description):
        raise InvalidInput("a name or description may not hold NUL or half characters", field="name")
    return {
        "workspace_id": value.workspace_id,
        "id": value.id,
        "kind": value.kind.value,
        "name": value.name,
        "name_folded": value.name.casefold(),
        "description": value.description,
        "rule": value.rule,
        "category": value.category,
        "path": list(value.path),
        "place": place_of(value.category, value.path),
        "account_id": value.account_id,
        "status": value.status.value,
        "version": value.version,
        "created_at": value.created_at,
        "updated_at": value.updated_at,
        "attributes": value.attributes,
        "evaluation": value.evaluation.value,
        "exclude_opted_out": value.exclude_opted_out,
    }


def audience_of(row: Row[Any]) -> Audience:
    """Make an Audience of a row that has all its columns."""
    return Audience(
        id=row.id,
        workspace_id=row.workspace_id,
        kind=AudienceKind(row.kind),
        name=row.name,
        description=row.description,
        rule=row.rule,
        category=row.category,
        path=tuple(row.path),
        account_id=row.account_id,
        status=AudienceStatus(row.status),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        attributes=row.attributes,
        evaluation=Evaluation(row.evaluation),
        exclude_opted_out=row.exclude_opted_out,
    )


def version_row(value: Audience, created_at: datetime) -> dict[str, Any]:
    """Return the row that remembers this form of an audience."""
    return {
        "workspace_id": value.workspace_id,
        "audience_id": value.id,
        "version": value.version,
        "name": value.name,
        "description": value.description,
        "rule": value.rule,
        "created_at": created_at,
    }


def version_of(row: Row[Any]) -> AudienceVersion:
    """Make an AudienceVersion of a row that has all its columns."""
    return AudienceVersion(
        audience_id=row.audience_id,
        version=row.version,
        name=row.name,
        description=row.description,
        rule=row.rule,
        created_at=row.created_at,
    )
