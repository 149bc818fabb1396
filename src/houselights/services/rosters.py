"""Rosters: audiences whose members are uploaded, with a time to live. Uploads themselves go through `services.intake`.

A roster is an audience of kind ADVERTISER with the rule `Listed(its own id, within_seconds=ttl)`; origin and country
stand in its attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from houselights.model.audience import Audience
from houselights.services.caller import Caller

ORIGIN, COUNTRY = "origin", "country"  # attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSizes:
    """How large a roster is. `received` and `matched` count records ever uploaded, `active` people on it now.

    Exact: a room decides what of it its callers may know.
    """

    received: int
    matched: int
    active: int


class Rosters:
    """Rosters of one house."""

    def create(
        self,
        caller: Caller,
        *,
        name: str,
        description: str,
        account_id: int | None,
        ttl_seconds: int | None,
        country: str | None = None,
        origin: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Audience:
        """Make an empty roster that belongs to an account the caller's client may act for, or to the workspace.

        Raises NotAllowed for another account, InvalidInput for the name or the time to live.
        """
        raise NotImplementedError

    def update(
        self,
        caller: Caller,
        audience_id: int,
        *,
        description: str | None = None,
        ttl_seconds: int | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Audience:
        """Change what is given. A time to live of 0 hides everybody; raised again, people are back by the time they
        were put on. Raises NotFound.
        """
        raise NotImplementedError

    def get(self, caller: Caller, audience_id: int, *, origin: str | None = None) -> Audience:
        """Return a roster of the workspace's, or of an account the caller's client may act for. Raises NotFound."""
        raise NotImplementedError

    def sizes(self, caller: Caller, audience: Audience) -> RosterSizes:
        """Count a roster."""
        raise NotImplementedError

    def ttl_of(self, audience: Audience) -> int | None:
        """Return the time to live in seconds, None when members stay until they are taken off."""
        raise NotImplementedError
