"""Which lists the records of an upload may change, and whether the parties it is for can have it. Changes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from houselights.base.errors import InvalidInput, NotFound
from houselights.model.audience import Audience, AudienceStatus
from houselights.model.upload import TargetOutcome
from houselights.services.callers import reached_by
from houselights.services.intake.payload import Target
from houselights.services.rosters import COUNTRY, ORIGIN, list_of
from houselights.storage.control.control import Control

UNKNOWN = "there is no such audience"
NO_LIST = "the audience is not an uploaded list"
ARCHIVED = "the audience is archived"


@dataclass(frozen=True, slots=True)
class Destination:
    """The list that an audience is: its number in the membership log, and the country its people are from."""

    list_id: int
    country: str | None


Destinations = Mapping[int, Destination | str]
"""By audience id: the list, or why records for it are left out."""


def destinations(
    known: Mapping[int, Audience], asked: Iterable[int], owners: tuple[int, ...] | None, origin: str | None
) -> dict[int, Destination | str]:
    """Return where records for the audiences `asked` go; `owners` and `origin` are those of the upload."""
    return {audience_id: _destination(known.get(audience_id), owners, origin) for audience_id in asked}


def _destination(audience: Audience | None, owners: tuple[int, ...] | None, origin: str | None) -> Destination | str:
    if audience is None:
        return UNKNOWN
    is_foreign = owners is not None and audience.account_id is not None and audience.account_id not in owners
    if is_foreign or (origin is not None and audience.attributes.get(ORIGIN) != origin):
        return UNKNOWN  # a foreign audience is as unknown as a made-up one
    if audience.status is AudienceStatus.ARCHIVED:
        return ARCHIVED
    try:
        list_id = list_of(audience)
    except InvalidInput:
        return NO_LIST
    country = audience.attributes.get(COUNTRY)
    return Destination(list_id, country if isinstance(country, str) else None)


class Parties:
    """Says which of an upload's targets can have it, asking the control database once for each client."""

    def __init__(self, control: Control, workspace_id: int):
        self._control = control
        self._workspace_id = workspace_id
        self._granted: dict[int | None, frozenset[int]] = {}

    def outcomes(self, client_id: int | None, targets: Iterable[Target]) -> tuple[TargetOutcome, ...]:
        """Return an outcome for each target."""
        return tuple(TargetOutcome(name=each.name, error=self._why_not(client_id, each)) for each in targets)

    def _why_not(self, client_id: int | None, target: Target) -> str | None:
        if target.refusal is not None or target.account_id is None:
            return target.refusal
        if target.account_id not in self._accounts(client_id):
            return "the account is gone, or no longer granted"
        return None

    def _accounts(self, client_id: int | None) -> frozenset[int]:
        if client_id not in self._granted:
            try:
                client = None if client_id is None else self._control.clients.get(client_id)
                accounts = reached_by(self._control, self._workspace_id, client)
            except NotFound:
                accounts = []  # the client is gone, and so is what was granted to it
            self._granted[client_id] = frozenset(account.id for account in accounts)
        return self._granted[client_id]
