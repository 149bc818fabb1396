"""For operators: clients, connections and the audit log. And for everybody: who am I, and which rooms are there?"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas.common import Id
from houselights.apis.native.schemas.operations import (
    Account,
    AuditEntry,
    AuditLog,
    Client,
    Clients,
    Connection,
    Connections,
    MadeClient,
    Me,
    NewClient,
    Room,
    Rooms,
)
from houselights.model.workspace import Client as KnownClient

router = APIRouter(tags=["operators"])


@router.get("/v1/me", tags=["operation"])
def who_am_i(house: HouseIn, caller: CallerIn) -> Me:
    """Say who is asking: workspace, scopes, and the accounts that may be acted for."""
    return Me(
        workspace=caller.workspace.name,
        client=None if caller.client is None else caller.client.client_id,
        scopes=sorted(caller.scopes),
        accounts=[
            Account(id=str(account.id), kind=account.kind, name=account.name, country=account.country)
            for account in house.callers.accounts(caller)
        ],
    )


@router.get("/v1/clients")
def list_clients(house: HouseIn, caller: CallerIn) -> Clients:
    """List the clients of the workspace. Needs the scope operator."""
    return Clients(items=[Client(**_client(client)) for client in house.clients.list(caller)])


@router.post("/v1/clients", status_code=201)
def create_client(house: HouseIn, caller: CallerIn, body: NewClient) -> MadeClient:
    """Make a client. Its secret and token are in this reply and nowhere else. Needs the scope operator."""
    made = house.clients.create(
        caller,
        name=body.name,
        scopes=body.scopes,
        redirect_uris=body.redirect_uris,
        accounts=[int(account) for account in body.accounts],
        token=body.token,
    )
    return MadeClient(**_client(made.client), secret=made.secret, token=made.token)


@router.post("/v1/clients/{client_number}/disable", status_code=204)
def disable_client(house: HouseIn, caller: CallerIn, client_number: Id) -> None:
    """Turn a client away and end its tokens. Needs the scope operator."""
    house.clients.disable(caller, int(client_number))


@router.get("/v1/audit")
def read_audit_log(
    house: HouseIn,
    caller: CallerIn,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[Id | None, Query(description="Only entries older than this one.")] = None,
    client: Annotated[Id | None, Query(description="Only of this client, by its number.")] = None,
    action: Annotated[
        str, Query(max_length=64, description="Only actions that begin like this.", examples=["client."])
    ] = "",
) -> AuditLog:
    """Read who learned or changed what, newest first. Needs the scope operator."""
    entries = house.audit.entries(
        caller,
        limit=limit,
        before=None if before is None else int(before),
        client_id=None if client is None else int(client),
        action=action,
    )
    return AuditLog(
        items=[
            AuditEntry(
                id=str(entry.id),
                at=entry.at,
                client=None if entry.client_id is None else str(entry.client_id),
                action=entry.action,
                subject=entry.subject,
                details=dict(entry.details),
            )
            for entry in entries
        ],
        next_before=str(entries[-1].id) if len(entries) == limit else None,
    )


@router.get("/v1/connections", tags=["connections"])
def list_connections(house: HouseIn, caller: CallerIn) -> Connections:
    """List where this client sends its lists to; an operator's list has everybody's."""
    return Connections(
        items=[
            Connection(
                id=each.id,
                client=str(each.client_number),
                cleanroom=None if each.cleanroom_id is None else str(each.cleanroom_id),
                advertiser=None if each.advertiser_id is None else str(each.advertiser_id),
                is_default=each.is_default,
                created_at=each.created_at,
            )
            for each in house.connections.everybodys(caller)
        ]
    )


@router.get("/v1/rooms", tags=["operation"])
def list_rooms(request: Request, _caller: CallerIn) -> Rooms:
    """List the rooms of this house, and where the OpenAPI document of each is."""
    known: Mapping[str, str] = request.app.state.documents
    return Rooms(items=[Room(name=name, document=document) for name, document in known.items()])


def _client(client: KnownClient) -> dict[str, object]:
    """Return a client's public fields as the shapes take them."""
    fields = asdict(client)
    return {
        **{name: fields[name] for name in ("client_id", "name", "created_at", "disabled")},
        "id": str(client.id),
        "scopes": sorted(client.scopes),
        "redirect_uris": list(client.redirect_uris),
    }
