"""Who is at the door: token, client id, profile, advertiser. Refuses in the vendor's words, and says which id was sent.

Three ids that look alike belong in three places (profile id in the Scope header, DSP advertiser id in `advertiserId`,
entity id in neither); users mix them up and the vendor's errors do not help. Ours name the kind that was received.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import Headers, QueryParams

from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.login.style import ROOM_SCOPES
from houselights.apis.amazon.operation import Entry, Operation
from houselights.apis.amazon.rates import Rates
from houselights.base.errors import NotAuthenticated
from houselights.model.workspace import Account
from houselights.services.caller import Caller
from houselights.services.house import House

CLIENT_HEADER = "Amazon-Advertising-API-ClientId"
SCOPE_HEADER = "Amazon-Advertising-API-Scope"
# Newer spellings of "which DSP advertiser", read when the query does not say.
ADVERTISER_HEADERS = ("Amazon-Ads-AccountId", "Amazon-Advertising-AccountId", "AdvertiserId")
PROFILE_KINDS = frozenset({"agency", "seller", "vendor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody let in: the caller (acting for the advertiser when one was named), and the accounts they named."""

    caller: Caller
    profile: Account | None = None
    advertiser: Account | None = None


class Admission:
    """Lets callers in. Every refusal is an error of `houselights.base.errors`, worded for this vendor's clients."""

    def __init__(self, house: House, rates: Rates):
        self._house = house
        self._rates = rates

    def admit(self, operation: Operation, headers: Headers, query: QueryParams, request_id: str) -> Guest:
        """Return who asks. Raises NotAuthenticated, TooManyRequests, Rejected (advertiser)."""
        caller = self._client(headers, request_id)
        client = caller.client
        name = "" if client is None else client.client_id
        rate = self._rates.of(operation.path, operation.rate)
        self._house.throttle.check(f"{name} {operation.method} {operation.path}", rate)
        if operation.entry < Entry.PROFILE:
            return Guest(caller=caller)
        accounts = self._house.callers.accounts(caller)
        profile = self._profile(caller, accounts, headers)
        advertisers = advertisers_below(self._house, caller, profile)
        sent = query.get("advertiserId") or next(filter(None, map(headers.get, ADVERTISER_HEADERS)), None)
        if sent is None:
            if operation.entry >= Entry.ADVERTISER:
                raise Rejected([Detail(Kind.INVALID, "advertiserId is required", "advertiserId")])
            return Guest(caller=caller.acting_for(profile), profile=profile)
        advertiser = pick_advertiser(sent.strip(), advertisers, [*accounts, *advertisers])
        return Guest(caller=caller.acting_for(advertiser), profile=profile, advertiser=advertiser)

    def _client(self, headers: Headers, request_id: str) -> Caller:
        """Return the caller behind the token, if the ClientId header names the same client."""
        token = bearer(headers.get("Authorization"))
        known = self._house.callers.identify(token, request_id=request_id)
        caller = replace(known, scopes=known.scopes & ROOM_SCOPES)
        sent = headers.get(CLIENT_HEADER)
        if not sent:
            raise NotAuthenticated(f"{CLIENT_HEADER} header is missing", field=CLIENT_HEADER)
        if caller.client is None or sent.strip() != caller.client.client_id:
            raise NotAuthenticated(
                f"{CLIENT_HEADER} is not the client that the access token was issued to", field=CLIENT_HEADER
            )
        return caller

    def _profile(self, caller: Caller, accounts: Sequence[Account], headers: Headers) -> Account:
        """Return the granted profile that the Scope header names. Raises NotAuthenticated in the vendor's words."""
        sent = (headers.get(SCOPE_HEADER) or "").strip()
        if not sent:
            raise NotAuthenticated("Scope header is missing", field=SCOPE_HEADER)
        for account in accounts:
            if account.kind in PROFILE_KINDS and str(account.id) == sent:
                return account
        received = kind_of_id(sent, reachable(self._house, caller))
        hint = (
            None if received is None else f'received {received}, expected a profileId as listed by "GET /v2/profiles"'
        )
        raise NotAuthenticated("Not authorized to access scope", field=SCOPE_HEADER, hint=hint)


def bearer(header: str | None) -> str:
    """Return the token of an Authorization header, with or without the word Bearer. Raises NotAuthenticated."""
    words = (header or "").split()
    token = words[1] if len(words) == 2 and words[0].lower() == "bearer" else words[0] if len(words) == 1 else ""
    if not token or token.lower() == "bearer":
        raise NotAuthenticated("Unauthenticated: send the header Authorization: Bearer <access token>")
    return token


def advertisers_below(house: House, caller: Caller, profile: Account) -> list[Account]:
    """Return the advertisers of a profile, in order of their ids."""
    children = house.control.accounts.children(caller.workspace.id, profile.id)
    return sorted((child for child in children if child.kind == "advertiser"), key=lambda child: child.id)


def reachable(house: House, caller: Caller) -> list[Account]:
    """Return every account the caller may name: those granted to the client, and the advertisers below them."""
    granted = house.callers.accounts(caller)
    return [*granted, *(below for account in granted for below in advertisers_below(house, caller, account))]


def kind_of_id(sent: str, accounts: Sequence[Account]) -> str | None:
    """Say in words what kind of id this is, from its form or from the caller's own accounts; None when unknown."""
    if sent.upper().startswith("ENTITY"):
        return f'an entity id ("{sent}")'
    if sent.startswith("amzn1."):
        return f'a client id ("{sent}")'
    for account in accounts:
        if str(account.id) == sent:
            return f"a profileId ({sent})" if account.kind in PROFILE_KINDS else f"a DSP advertiserId ({sent})"
    return None if sent.isascii() and sent.isdigit() else f'"{sent}", which is not a number'


def pick_advertiser(sent: str, advertisers: Sequence[Account], accounts: Sequence[Account]) -> Account:
    """Return the advertiser with this id. Raises Rejected with a message that says what was received instead."""
    for advertiser in advertisers:
        if str(advertiser.id) == sent:
            return advertiser
    received = kind_of_id(sent, accounts)
    why = f"advertiserId is invalid: {sent}."
    if received is not None:
        why += f' Received {received}; expected a DSP advertiserId as listed by "GET /dsp/advertisers".'
    raise Rejected([Detail(Kind.INVALID, why, "advertiserId")])
