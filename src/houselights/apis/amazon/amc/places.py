"""Where a client's lists can go: clean rooms (instances), the accounts they belong to, and DSP advertisers.

All of them are accounts of the house, found below those that the client is granted. Refuses the others, and says which
kind of id was sent instead.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from houselights.apis.amazon.accounts.translate import MARKETPLACES
from houselights.apis.amazon.admission import PROFILE_KINDS, kind_of_id
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.model.workspace import Account
from houselights.services.caller import Caller
from houselights.services.house import House

ACCOUNT, INSTANCE, ADVERTISER = "cleanroom-account", "cleanroom", "advertiser"


@dataclass(frozen=True, slots=True)
class Places:
    """Everything a client reaches, by id."""

    reached: Sequence[Account]

    @property
    def accounts(self) -> list[Account]:
        """The accounts that clean rooms belong to."""
        return self._of(ACCOUNT)

    @property
    def instances(self) -> list[Account]:
        """The clean rooms, of those accounts only."""
        known = {account.id for account in self.accounts}
        return [one for one in self._of(INSTANCE) if one.parent_id in known]

    def account_of(self, instance: Account) -> Account:
        """Return the account of a clean room of `instances`."""
        return next(account for account in self.accounts if account.id == instance.parent_id)

    def advertisers_in(self, instance: Account) -> list[Account]:
        """Return the advertisers whose data a clean room holds: those below the same agency as its account."""
        agency = self.account_of(instance).parent_id
        return [one for one in self._of(ADVERTISER) if one.parent_id == agency]

    def account(self, sent: str, field: str) -> Account:
        """Return the account with this entity id. Raises Rejected, 403."""
        return self._pick(sent, self.accounts, entity_id, field, 'an AMC account as listed by "GET /amc/accounts"')

    def instance(self, sent: str, field: str) -> Account:
        """Return the clean room with this id. Raises Rejected, 403."""
        return self._pick(sent, self.instances, instance_id, field, 'an instance as listed by "GET /amc/instances"')

    def advertiser(self, sent: str, field: str) -> Account:
        """Return the advertiser with this id. Raises Rejected, 403."""
        expected = 'a DSP advertiserId as listed by "GET /dsp/advertisers"'
        return self._pick(sent, self._of(ADVERTISER), lambda one: str(one.id), field, expected)

    def instance_at(self, number: int | None) -> Account | None:
        """Return the clean room with this account id, None when the client does not reach it, or no longer."""
        return next((one for one in self.instances if one.id == number), None)

    def advertiser_at(self, number: int | None) -> Account | None:
        """Return the advertiser with this account id, None when the client does not reach it, or no longer."""
        return next((one for one in self._of(ADVERTISER) if one.id == number), None)

    def _of(self, kind: str) -> list[Account]:
        return [one for one in self.reached if one.kind == kind]

    def _pick(
        self, sent: str, among: Iterable[Account], id_of: Callable[[Account], str], field: str, expected: str
    ) -> Account:
        for one in among:
            if id_of(one) == sent:
                return one
        received = self._kind_of(sent) or f'"{sent}", which is not known here or not granted to this client'
        raise Rejected([Detail(Kind.INVALID, f"received {received}; expected {expected}", field)], status=403)

    def _kind_of(self, sent: str) -> str | None:
        if any(entity_id(one) == sent for one in self.accounts):
            return f'an AMC account ("{sent}")'
        if any(instance_id(one) == sent for one in self.instances):
            return f'an AMC instance ("{sent}")'
        known = PROFILE_KINDS | {ADVERTISER}
        return kind_of_id(sent, [one for one in self.reached if one.kind in known])


def places_of(house: House, caller: Caller) -> Places:
    """Look up what a client reaches."""
    return Places(house.callers.reach(caller))


def entity_id(account: Account) -> str:
    """Return what an account of clean rooms is called on the wire."""
    return account.external_id or f"ENTITY{account.id}"


def instance_id(account: Account) -> str:
    """Return what a clean room is called on the wire."""
    return account.external_id or f"amc{account.id}"


def marketplace_of(account: Account) -> str | None:
    """Return the marketplace of an account's country; a global account has none."""
    return None if account.country is None else MARKETPLACES.get(account.country)
