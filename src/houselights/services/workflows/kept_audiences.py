"""Audiences made by queries, as they are kept: documents, written and read back. Decides nothing."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from houselights.base.errors import NotFound
from houselights.model.workflow import InputParameter, QueryAudience, QueryAudienceState
from houselights.services.workflows.windows import read_window, window_json
from houselights.storage.control.control import Control

KIND = "query_audience"
# Ids of 64 bits, which JSON elsewhere may not hold.
_NUMBERS = ("account_id", "owner_id", "audience_id")
_TIMES = ("created_at", "tried_at", "refreshed_at")


class KeptAudiences:
    """The documents of audiences made by queries."""

    def __init__(self, control: Control):
        self._control = control

    def get(self, workspace_id: int, audience_id: str, *, conn: Connection | None = None) -> QueryAudience:
        """Return one. Raises NotFound."""
        try:
            return _read(self._control.documents.get(workspace_id, KIND, audience_id, conn=conn).body)
        except NotFound:
            raise NotFound(f"no audience {audience_id}") from None

    def list(self, workspace_id: int) -> list[QueryAudience]:
        """Return all of a workspace, newest first."""
        return [_read(each.body) for each in self._control.documents.list(workspace_id, KIND)]

    def put(self, kept: QueryAudience, at: datetime, *, conn: Connection | None = None) -> None:
        """Keep one, in place of what was kept of it before."""
        self._control.documents.put(kept.workspace_id, KIND, kept.id, _written(kept), at, conn=conn)

    def delete(self, kept: QueryAudience, *, conn: Connection | None = None) -> None:
        """Forget one. Raises NotFound."""
        self._control.documents.delete(kept.workspace_id, KIND, kept.id, conn=conn)


def _written(kept: QueryAudience) -> dict[str, Any]:
    body: dict[str, Any] = {each.name: getattr(kept, each.name) for each in fields(kept)}
    body |= {name: None if body[name] is None else str(body[name]) for name in _NUMBERS}
    body |= {name: None if body[name] is None else body[name].isoformat() for name in _TIMES}
    body["path"], body["state"] = list(kept.path), kept.state.value
    body["parameters"] = [{each.name: getattr(one, each.name) for each in fields(one)} for one in kept.parameters]
    body["window"] = window_json(kept.window)
    return body


def _read(body: Mapping[str, Any]) -> QueryAudience:
    values: dict[str, Any] = dict(body)
    values |= {name: None if body[name] is None else int(body[name]) for name in _NUMBERS}
    values |= {name: None if body[name] is None else datetime.fromisoformat(body[name]) for name in _TIMES}
    values["path"], values["state"] = tuple(body["path"]), QueryAudienceState(body["state"])
    values["parameters"] = tuple(InputParameter(**each) for each in body["parameters"])
    values["window"] = read_window(body["window"])
    return QueryAudience(**values)
