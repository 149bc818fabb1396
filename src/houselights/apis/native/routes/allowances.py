"""For operators: credits of the company and its clients, and clients' rights over outputs of audiences."""

from typing import Annotated

from fastapi import APIRouter, Query

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas.allowances import Allowance, CreditEntry, CreditLedger, CreditsLeft, Rights
from houselights.apis.native.schemas.common import Id
from houselights.model.rights import Rights as KnownRights
from houselights.services.rights import rights_json

router = APIRouter(tags=["operators"])


@router.get("/v1/credits")
def credits_left(house: HouseIn, caller: CallerIn) -> CreditsLeft:
    """Say how many of each costly thing the caller may still ask for."""
    return CreditsLeft(**house.credits.balance(caller))


@router.put("/v1/credits")
def allow_credits(house: HouseIn, caller: CallerIn, body: Allowance) -> CreditsLeft:
    """Set how many of something the company, or one client, has from now on. Needs the scope operator."""
    client = None if body.client is None else int(body.client)
    house.credits.allow(caller, body.kind, body.amount, client_number=client)
    return CreditsLeft(**house.credits.balance(caller))


@router.get("/v1/credits/ledger")
def read_ledger(
    house: HouseIn,
    caller: CallerIn,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[Id | None, Query(description="Only entries older than this one.")] = None,
) -> CreditLedger:
    """Read what was allowed, spent and given back, newest first. Needs the scope operator."""
    entries = house.credits.entries(caller, limit=limit, before=None if before is None else int(before))
    return CreditLedger(
        items=[
            CreditEntry(
                id=str(entry.number),
                at=entry.at,
                kind=entry.kind,
                event=entry.event.value,
                amount=entry.amount,
                holder=None if entry.holder_id is None else str(entry.holder_id),
                client=None if entry.client_id is None else str(entry.client_id),
                subject=entry.subject,
                refunds=None if entry.refunds is None else str(entry.refunds),
            )
            for entry in entries
        ],
        next_before=str(entries[-1].number) if len(entries) == limit else None,
    )


@router.get("/v1/clients/{client_number}/rights")
def read_rights(house: HouseIn, caller: CallerIn, client_number: Id) -> Rights:
    """Read what a client may do with the outputs of audiences. Needs the scope operator."""
    return Rights(**rights_json(house.rights.get(caller, int(client_number))))


@router.put("/v1/clients/{client_number}/rights")
def set_rights(house: HouseIn, caller: CallerIn, client_number: Id, body: Rights) -> Rights:
    """Set what a client may do with the outputs of audiences; what is left out is allowed. Needs the scope operator."""
    lists = {name: getattr(body, name) for name in ("generate", "view", "download")}
    rights = KnownRights(
        choose_outputs=body.choose_outputs,
        demographics_first=body.demographics_first,
        **{name: None if value is None else frozenset(value) for name, value in lists.items()},
    )
    return Rights(**rights_json(house.rights.put(caller, int(client_number), rights)))
