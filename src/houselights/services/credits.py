"""Credits: what costs one is spent before it is begun, and given back when it fails. Refuses what is not paid for.

A company without an allowance has credits without end; an operator sets one, for the company or for a client of its
own. A client that has an allowance of its own spends that, the others share the company's.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Connection

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotAllowed, NotFound
from houselights.base.suggest import did_you_mean
from houselights.model.credit import CREDIT_KINDS, CreditEntry, CreditEvent
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.storage.control.control import Control

AMOUNT_MOST = 1_000_000_000


class NoCredit(NotAllowed):
    """There is no credit left for this."""


class Credits:
    """The ledger of one house."""

    def __init__(self, control: Control, clock: Clock, audit: Audit):
        self._control = control
        self._clock = clock
        self._audit = audit

    def balance(self, caller: Caller) -> Mapping[str, int | None]:
        """Return how many of each kind the caller has left, None without end; never negative."""
        return {kind: self._left(caller, kind) for kind in CREDIT_KINDS}

    def spend(self, caller: Caller, kind: str, subject: str, *, conn: Connection | None = None) -> int:
        """Take one credit and return the number of the entry, by which it can be given back.

        Two who take the last one at once do not both get it. With `conn` it is taken when that transaction commits,
        which is the way to take it together with what it pays for. Raises NoCredit.
        """
        if conn is None:
            with self._control.transaction() as conn:
                return self.spend(caller, kind, subject, conn=conn)
        self._control.workspaces.lock(caller.workspace.id, conn=conn)
        if self._left(caller, kind, conn) == 0:
            raise NoCredit(f"there are no credits left for {kind}", hint="an operator can give more")
        entry = CreditEntry(
            workspace_id=caller.workspace.id, holder_id=self._holder(caller, kind, conn), kind=kind,
            event=CreditEvent.SPEND, amount=1, client_id=_client(caller), subject=subject, at=self._clock.now(),
        )  # fmt: skip
        return self._control.credits.add(entry, conn=conn).number

    def refund(self, workspace_id: int, number: int | None, *, conn: Connection | None = None) -> bool:
        """Give back what an entry took; again, or for None, it changes nothing. Tell whether it was given back now."""
        if number is None:
            return False
        if conn is None:
            with self._control.transaction() as conn:
                return self.refund(workspace_id, number, conn=conn)
        self._control.workspaces.lock(workspace_id, conn=conn)
        spent = self._control.credits.get(workspace_id, number, conn=conn)
        if spent.event is not CreditEvent.SPEND:
            raise Conflict(f"entry {number} took nothing")
        if self._control.credits.refunded(number, conn=conn):
            return False
        back = CreditEntry(
            workspace_id=workspace_id, holder_id=spent.holder_id, kind=spent.kind, event=CreditEvent.REFUND, amount=1,
            client_id=spent.client_id, subject=spent.subject, refunds=number, at=self._clock.now(),
        )  # fmt: skip
        self._control.credits.add(back, conn=conn)
        return True

    def allow(self, caller: Caller, kind: str, amount: int | None, *, client_number: int | None = None) -> None:
        """Say how many of a kind the company, or one client, has from now on; None is without end. For operators.

        Raises InvalidInput for a kind that there is not or a negative amount, NotFound for a client.
        """
        caller.require("operator")
        if kind not in CREDIT_KINDS:
            raise InvalidInput(f'nothing costs "{kind}"', field="kind", hint=did_you_mean(kind, CREDIT_KINDS))
        if amount is not None and not 0 <= amount <= AMOUNT_MOST:
            raise InvalidInput(f"an allowance is 0 to {AMOUNT_MOST:,}, or without end", field="amount")
        if client_number is not None:
            client = self._control.clients.get(client_number)
            if client.workspace_id != caller.workspace.id:
                raise NotFound(f"no client {client_number}")
        entry = CreditEntry(
            workspace_id=caller.workspace.id, holder_id=client_number, kind=kind, event=CreditEvent.ALLOW,
            amount=amount, client_id=_client(caller), subject="", at=self._clock.now(),
        )  # fmt: skip
        self._control.credits.add(entry)
        self._audit.record(caller, "credits.allow", kind, amount=amount, client=client_number)

    def entries(self, caller: Caller, *, limit: int = 100, before: int | None = None) -> Sequence[CreditEntry]:
        """Return the ledger, newest entry first. For operators."""
        caller.require("operator")
        return self._control.credits.list(caller.workspace.id, limit=limit, before=before)

    def _holder(self, caller: Caller, kind: str, conn: Connection | None) -> int | None:
        """Return whose allowance the caller spends: its own client's when it has one, else the company's."""
        client = _client(caller)
        if client is None:
            return None
        own = self._control.credits.allowance(caller.workspace.id, client, kind, conn=conn)
        return None if own is None else client

    def _left(self, caller: Caller, kind: str, conn: Connection | None = None) -> int | None:
        ledger, workspace_id = self._control.credits, caller.workspace.id
        holder = self._holder(caller, kind, conn)
        allowed = ledger.allowance(workspace_id, holder, kind, conn=conn)
        if allowed is None or allowed.amount is None:
            return None
        return max(0, allowed.amount - ledger.spent(workspace_id, holder, kind, allowed.number, conn=conn))


def _client(caller: Caller) -> int | None:
    return None if caller.client is None else caller.client.id
