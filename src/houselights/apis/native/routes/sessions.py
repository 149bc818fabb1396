"""Signing in and out, and who may. The token travels in a cookie; see `sessions.py` for what guards it."""

from fastapi import APIRouter, Request, Response

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.schemas.operations import Account
from houselights.apis.native.schemas.sessions import (
    NewPassword,
    NewPerson,
    NewRole,
    People,
    Person,
    Session,
    SignIn,
    SignInWays,
)
from houselights.apis.native.sessions import drop, keep, proof_of
from houselights.base.errors import NotAuthenticated
from houselights.base.session_cookie import COOKIE
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.operators import Person as Known

router = APIRouter(tags=["sessions"])


@router.post("/v1/session")
def sign_in(house: HouseIn, request: Request, response: Response, body: SignIn) -> Session:
    """Sign in: the reply sets the session's cookie. Ten attempts a minute for a name, and for an address."""
    came_from = "" if request.client is None else request.client.host
    begun = house.operators.sign_in(body.name, body.password, came_from=came_from)
    keep(response, house, begun.token, begun.expires_at)
    caller = house.callers.identify(begun.token)
    return _session(house, caller, begun.person, begun.token)


@router.get("/v1/session")
def read_session(house: HouseIn, caller: CallerIn, request: Request) -> Session:
    """Say who is signed in. 401 when nobody is."""
    person = house.operators.person(caller.client)
    token = request.cookies.get(COOKIE)
    if person is None or token is None:
        raise NotAuthenticated("nobody is signed in")
    return _session(house, caller, person, token)


@router.delete("/v1/session", status_code=204)
def sign_out(house: HouseIn, _caller: CallerIn, request: Request, response: Response) -> None:
    """End the session."""
    house.operators.sign_out(request.cookies.get(COOKIE, ""))
    drop(response)


@router.get("/v1/session/ways")
def ways(house: HouseIn, request: Request) -> SignInWays:
    """Say whether there is a session's cookie, and how one can sign in here. Needs no session."""
    outside = house.settings.sign_in
    return SignInWays(signed_in=COOKIE in request.cookies, outside=None if outside is None else outside.name)


@router.get("/v1/people")
def list_people(house: HouseIn, caller: CallerIn) -> People:
    """List who may sign in. Needs the scope operator."""
    return People(items=[_person(each) for each in house.operators.list(caller)])


@router.post("/v1/people", status_code=201)
def add_person(house: HouseIn, caller: CallerIn, body: NewPerson) -> Person:
    """Let somebody sign in. Needs the scope operator; `POST /v1/clients/{id}/disable` turns them away again."""
    return _person(house.operators.add(caller, name=body.name, password=body.password, role=body.role))


@router.put("/v1/people/{name}/password", status_code=204)
def set_password(house: HouseIn, caller: CallerIn, name: str, body: NewPassword) -> None:
    """Give somebody another password; their sessions end. Needs the scope operator."""
    house.operators.set_password(caller, name, body.password)


@router.put("/v1/people/{name}/role")
def set_role(house: HouseIn, caller: CallerIn, name: str, body: NewRole) -> Person:
    """Give somebody another role; their sessions end. Needs the scope operator."""
    return _person(house.operators.set_role(caller, name, body.role))


def _session(house: House, caller: Caller, person: Known, token: str) -> Session:
    accounts = [
        Account(id=str(account.id), kind=account.kind, name=account.name, country=account.country)
        for account in house.callers.accounts(caller)
    ]
    return Session(
        name=person.name,
        role=person.role,
        scopes=sorted(caller.scopes),
        workspace=caller.workspace.name,
        accounts=accounts,
        proof=proof_of(house, token),
    )


def _person(known: Known) -> Person:
    client = known.client
    return Person(
        id=str(client.id), name=known.name, role=known.role, disabled=client.disabled, created_at=client.created_at
    )
