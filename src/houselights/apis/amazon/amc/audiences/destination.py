"""Where an audience's records go: to a clean room, to a DSP advertiser, or both; and what stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from houselights.apis.amazon.amc.audiences.schemas import TargetAsked
from houselights.apis.amazon.amc.errors import QuotedId
from houselights.apis.amazon.amc.places import places_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.base.errors import NotFound
from houselights.model.connection import Connection
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.intake.payload import Target
from houselights.services.workflows.tables import CLEANROOM

CLEAN_ROOM, DSP = "AMC", "DSP"
CONNECTION, ADVERTISER = "connection", "advertiser"  # attributes of an audience, beside CLEANROOM
INT64_MOST = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Account ids of a clean room and of an advertiser, at least one of them; the connection that leads there."""

    cleanroom_id: int | None = None
    advertiser_id: int | None = None
    connection_id: str | None = None

    @property
    def owner_id(self) -> int | None:
        """The account an audience that goes there belongs to: the advertiser, or the clean room alone."""
        return self.advertiser_id or self.cleanroom_id

    @property
    def meter(self) -> str:
        """What records are counted under."""
        return f"connection {self.connection_id}" if self.connection_id else f"advertiser {self.advertiser_id}"

    def attributes(self) -> dict[str, Any]:
        """Return what an audience remembers of where it goes."""
        return {
            CONNECTION: self.connection_id,
            CLEANROOM: None if self.cleanroom_id is None else str(self.cleanroom_id),
            ADVERTISER: None if self.advertiser_id is None else str(self.advertiser_id),
        }

    def targets(self, made_for: "Destination", *, dsp_asked: bool) -> tuple[Target, ...]:
        """Return the parties of an upload to an audience that was made to go somewhere; who cannot have it says why."""
        found = []
        if self.cleanroom_id is not None:
            foreign = made_for.cleanroom_id != self.cleanroom_id
            why = "the audience was not made for this instance" if foreign else None
            found.append(Target(CLEAN_ROOM, self.cleanroom_id, why))
        if self.advertiser_id is not None:
            foreign = made_for.advertiser_id != self.advertiser_id
            why = f"the audience does not belong to advertiser {self.advertiser_id}" if foreign else None
            found.append(Target(DSP, self.advertiser_id, why))
        elif dsp_asked:
            found.append(Target(DSP, None, "the connection has no DSP advertiser"))
        return tuple(found)


def remembered(attributes: Mapping[str, Any]) -> Destination:
    """Return where an audience was made to go."""
    cleanroom, advertiser = attributes.get(CLEANROOM), attributes.get(ADVERTISER)
    return Destination(
        cleanroom_id=None if cleanroom is None else int(cleanroom),
        advertiser_id=None if advertiser is None else int(advertiser),
        connection_id=attributes.get(CONNECTION),
    )


def of_connection(connection: Connection) -> Destination:
    """Return where a connection leads."""
    return Destination(
        cleanroom_id=connection.cleanroom_id,
        advertiser_id=connection.advertiser_id,
        connection_id=connection.id,
    )


def connected(house: House, caller: Caller, sent: str | None, field: str) -> Destination:
    """Return where the connection with this id leads, the default one for a blank id. Raises Rejected."""
    try:
        found = house.connections.get(caller, sent) if sent else house.connections.default(caller)
    except NotFound as error:
        why = f'{error.message}; make one with "POST /amc/audiences/connections"'
        raise Rejected([Detail(Kind.INVALID, why, field)]) from error
    return of_connection(found)


def asked_for(house: House, caller: Caller, target: TargetAsked, *, strict: bool) -> Destination:
    """Return where a new audience shall go, and the client may send it now.

    A connection goes before an advertiser, which may stand beside it when it is the connection's. Raises Rejected.
    """
    field = "targetResource"
    sent = None if target.advertiser_id in (None, 0, "") else target.advertiser_id
    number = None if sent is None else number_of(sent, f"{field}.advertiserId", strict=strict)
    places = places_of(house, caller)
    if target.connection_id is None:
        if number is None:
            raise Rejected([Detail(Kind.INVALID, "one of connectionId and advertiserId is required", field)])
        try:
            return Destination(advertiser_id=places.advertiser(str(number), f"{field}.advertiserId").id)
        except Rejected as error:  # this product has no 403
            raise Rejected(error.details) from error
    found = connected(house, caller, target.connection_id, f"{field}.connectionId")
    if number not in (None, found.advertiser_id):
        why = f"the connection leads to advertiser {found.advertiser_id}, not to {number}; name one of the two"
        raise Rejected([Detail(Kind.INVALID, why, f"{field}.advertiserId")])
    gone = found.cleanroom_id is not None and places.instance_at(found.cleanroom_id) is None
    if gone or (found.advertiser_id is not None and places.advertiser_at(found.advertiser_id) is None):
        why = "the connection leads to a place that this client may not act for any more"
        raise Rejected([Detail(Kind.INVALID, why, f"{field}.connectionId")])
    return found


def number_of(sent: int | str, field: str, *, strict: bool) -> int:
    """Return an id as a number. Raises QuotedId for a text when `strict`, Rejected for what is no id."""
    if isinstance(sent, str):
        if strict:
            raise QuotedId(field)
        text = sent.strip()
        sent = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if not 0 <= sent <= INT64_MOST:
        raise Rejected([Detail(Kind.INVALID, "an id is a whole number of 64 bits", field)])
    return sent
