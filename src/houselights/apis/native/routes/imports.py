"""Imports: see what became of them, and start one from a population file the operator has put on the server."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas.common import Id
from houselights.apis.native.schemas.operations import Import, Imports, NewImport
from houselights.apis.native.translate import import_shape

router = APIRouter(tags=["imports"])


@router.get("/v1/imports")
def list_imports(
    house: HouseIn,
    caller: CallerIn,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[Id | None, Query(description="Only imports older than this one.")] = None,
) -> Imports:
    """List imports, newest first. Needs the scope imports:write."""
    runs = house.imports.list(caller, limit=limit, before=None if before is None else int(before))
    return Imports(
        items=[import_shape(run) for run in runs], next_before=str(runs[-1].id) if len(runs) == limit else None
    )


@router.get("/v1/imports/{import_id}")
def read_import(house: HouseIn, caller: CallerIn, import_id: Id) -> Import:
    """Read one import: how far it is, or how it ended. Needs the scope imports:write."""
    return import_shape(house.imports.get(caller, int(import_id)))


@router.post("/v1/imports", status_code=202)
def start_import(house: HouseIn, caller: CallerIn, body: NewImport, response: Response) -> Import:
    """Start an import and return at once; read it to see how it goes. Needs the scope imports:write.

    The population file lies in one of the server's import folders. Until the import succeeds, what was there before is
    served.
    """
    run = house.imports.start(caller, body.population, max_rejects=body.max_rejects)
    response.headers["Location"] = f"/v1/imports/{run.id}"
    return import_shape(run)
