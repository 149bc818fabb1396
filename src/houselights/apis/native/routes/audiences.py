"""Audiences: make, list, read, change, archive, and see what stands on what."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response

from houselights.apis.native.asking import CallerIn, HouseIn, PagingIn
from houselights.apis.native.errors import CONFLICT
from houselights.apis.native.schemas.audiences import Audience, AudienceChange, AudienceVersion, NewAudience
from houselights.apis.native.schemas.common import Id, Page
from houselights.apis.native.translate import audience_shape, version_shape
from houselights.model.audience import AudienceFilter, AudienceKind, AudienceStatus
from houselights.rules.json_form import node_from_json

router = APIRouter(tags=["audiences"])


@router.post("/v1/audiences", status_code=201, responses=CONFLICT)
def create_audience(
    house: HouseIn,
    caller: CallerIn,
    body: NewAudience,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="The same request again under the same key gives the audience made the first time.",
        ),
    ] = None,
) -> Audience:
    """Make an audience from a rule. It belongs to the account acted for, or else to the whole workspace."""
    audience = house.audiences.create(
        caller,
        name=body.name,
        description=body.description,
        rule=node_from_json(body.rule),
        kind=AudienceKind.CUSTOM,
        category=body.category,
        path=body.path,
        account_id=caller.account_id,
        evaluation=body.evaluation,
        exclude_opted_out=body.exclude_opted_out,
        idempotency_key=idempotency_key,
    )
    response.headers["Location"] = f"/v1/audiences/{audience.id}"
    return audience_shape(audience)


@router.get("/v1/audiences")
def list_audiences(
    house: HouseIn,
    caller: CallerIn,
    paging: PagingIn,
    name: Annotated[
        list[str] | None, Query(description='Phrases, any of which the name holds; "*" stands for any characters.')
    ] = None,
    category: Annotated[list[str] | None, Query(description="Any of these categories.")] = None,
    under: Annotated[
        list[str] | None, Query(description="Category and nodes below it, repeated in order: the whole sub-tree.")
    ] = None,
    kind: Annotated[list[AudienceKind] | None, Query(description="Any of these kinds.")] = None,
    status: Annotated[AudienceStatus | None, Query(description="active or archived; absent: both.")] = None,
    order: Annotated[Literal["oldest", "newest"], Query(description="Which come first.")] = "oldest",
) -> Page[Audience]:
    """List the audiences you may see, oldest first unless asked otherwise."""
    where = AudienceFilter(
        name_words=tuple(name or ()),
        categories=None if category is None else frozenset(category),
        under=None if under is None else tuple(under),
        kinds=None if kind is None else frozenset(kind),
        statuses=None if status is None else frozenset({status}),
    )
    audiences, total = house.discovery.audiences(
        caller, where, paging.offset, paging.limit, newest_first=order == "newest"
    )
    return paging.page([audience_shape(audience) for audience in audiences], total)


@router.get("/v1/audiences/{audience_id}")
def read_audience(house: HouseIn, caller: CallerIn, audience_id: Id) -> Audience:
    """Read one audience, archived or not."""
    return audience_shape(house.audiences.get(caller, int(audience_id)))


@router.patch("/v1/audiences/{audience_id}", responses=CONFLICT)
def change_audience(house: HouseIn, caller: CallerIn, audience_id: Id, body: AudienceChange) -> Audience:
    """Change an audience: a new version. Whatever stands on it follows at once."""
    audience = house.audiences.update(
        caller,
        int(audience_id),
        expected_version=body.expected_version,
        name=body.name,
        description=body.description,
        rule=None if body.rule is None else node_from_json(body.rule),
        category=body.category,
        path=body.path,
        evaluation=body.evaluation,
        exclude_opted_out=body.exclude_opted_out,
    )
    return audience_shape(audience)


@router.post("/v1/audiences/{audience_id}/archive", responses=CONFLICT)
def archive_audience(house: HouseIn, caller: CallerIn, audience_id: Id) -> Audience:
    """Take an audience out of use. Refused (409) while other active audiences stand on it."""
    return audience_shape(house.audiences.archive(caller, int(audience_id)))


@router.get("/v1/audiences/{audience_id}/versions")
def list_versions(house: HouseIn, caller: CallerIn, audience_id: Id) -> list[AudienceVersion]:
    """List every form an audience has had, oldest first."""
    return [version_shape(version) for version in house.audiences.versions(caller, int(audience_id))]


@router.get("/v1/audiences/{audience_id}/dependents")
def list_dependents(house: HouseIn, caller: CallerIn, audience_id: Id) -> list[Audience]:
    """List the audiences whose rules name this one."""
    return [audience_shape(audience) for audience in house.audiences.dependents(caller, int(audience_id))]


@router.get("/v1/audiences/{audience_id}/dependencies")
def list_dependencies(house: HouseIn, caller: CallerIn, audience_id: Id) -> list[Audience]:
    """List the audiences that this one's rule names."""
    return [audience_shape(audience) for audience in house.audiences.dependencies(caller, int(audience_id))]
