"""Expansions: grow an audience by the people most like its members, and see what became of it."""

from typing import Annotated

from fastapi import APIRouter, Path

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas.common import Id
from houselights.apis.native.schemas.expansions import Expansion, NewExpansion
from houselights.apis.native.translate import counted_shape
from houselights.model.build import Build, BuildState
from houselights.rules.json_form import node_from_json
from houselights.services.audiences import NAME_CHARACTERS
from houselights.services.caller import Caller
from houselights.services.lookalike.expand import LOOKALIKE
from houselights.services.lookalike.expand import Expansion as Wanted
from houselights.services.privacy import counted

router = APIRouter(tags=["audiences"])
NATIVE = ""  # the origin of builds that no other room asked for


@router.post("/v1/audiences/{audience_id}/expand", status_code=202)
def expand(house: HouseIn, caller: CallerIn, audience_id: Id, body: NewExpansion) -> Expansion:
    """Begin an audience of the people most like another's members. Costs a credit of expansions."""
    seed = house.audiences.get(caller, int(audience_id))
    wanted = Wanted(
        audience_id=seed.id,
        factor=body.factor,
        with_seed=body.with_seed,
        within=None if body.within is None else node_from_json(body.within, "within"),
    )
    name = body.name or f"{seed.name}: grown {body.factor:g} times"[:NAME_CHARACTERS]
    build = house.lookalikes.expand(caller, wanted, origin=NATIVE, name=name, description=body.description)
    return _shape(caller, build)


@router.get("/v1/expansions/{expansion_id}")
def read_expansion(
    house: HouseIn, caller: CallerIn, expansion_id: Annotated[str, Path(pattern="^[0-9]{1,18}$")]
) -> Expansion:
    """Read what became of an expansion: its state, its audience, the model and how good it is."""
    return _shape(caller, house.builds.get(caller, NATIVE, int(expansion_id)))


def _shape(caller: Caller, build: Build) -> Expansion:
    told = build.outcome.get(LOOKALIKE)
    if told is not None and not caller.exact:
        told = {name: value for name, value in told.items() if name != "counts"}
    return Expansion(
        id=str(build.number),
        state=build.state,
        reason=build.reason,
        audience=str(build.audience_id) if build.state is BuildState.SUCCEEDED else None,
        people=None if build.members is None else counted_shape(counted(caller, build.members)),
        lookalike=told,
        created_at=build.created_at,
        finished_at=build.finished_at,
    )
