"""Credits: how many costly things a company, or one client of it, may still ask for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# What can be paid for, in our own words.
CREDIT_KINDS = ("builds", "insights", "universes", "expansions", "distributions", "scheduled_reruns")


class CreditEvent(StrEnum):
    """What an entry of the ledger says."""

    ALLOW = "allow"  # an operator said how many there are from here on
    SPEND = "spend"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditEntry:
    """One line of the ledger. `holder_id` is the client whose own allowance it counts on, None for the company's.

    `amount` is how many an ALLOW gives, None without end; of the others it is 1. `client_id` is who did it, `subject`
    what for ("build"), `refunds` the number of the entry that is given back.
    """

    number: int = 0
    workspace_id: int
    holder_id: int | None
    kind: str
    event: CreditEvent
    amount: int | None
    client_id: int | None
    subject: str
    refunds: int | None = None
    at: datetime
