"""Who may ask, on whose behalf, about which people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# Scopes in our own words; a vendor's room maps its own onto these.
SCOPES: Mapping[str, str] = {
    "audiences:read": "list and read audiences, facets and traits",
    "audiences:write": "create, change and archive audiences",
    "insights:read": "ask for sizes, overlaps and demographics, within the workspace's privacy policy",
    "counts:exact": "see exact counts, however small",
    "profiles:read": "see single people: their attributes, events and identities, and export members",
    "imports:write": "bring people in and see what became of it",
    "operator": "manage clients, read the audit log",
}

# A ladder rung is the lower bound of a band; the last band is open. Steps of 1, 5, 10: coarse enough to hide anybody.
ONE_FIVE_TEN = (
    0, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000, 50_000_000, 100_000_000,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPolicy:
    """What may leave a workspace towards callers without `counts:exact`.

    `bands` are ascending lower bounds, first 0. `minimum_cell` is the fewest people a reported row may rest on;
    `minimum_audience` the fewest an audience must have before anything but its band is said; `minimum_list` the fewest
    who must be on an uploaded list before it may be used, towards callers whose API has such a rule.
    """

    bands: tuple[int, ...] = ONE_FIVE_TEN
    minimum_cell: int = 25
    minimum_audience: int = 100
    minimum_list: int = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One company's people, audiences and clients. Nothing crosses from one workspace to another."""

    id: int
    name: str
    privacy: PrivacyPolicy = PrivacyPolicy()
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A party on whose behalf a client acts: an agency, or an advertiser below it.

    `country` is ISO 3166-1 alpha-2 and names the default universe; None means a global account, which must name a
    country in each request. `external_id` is what other systems call it.
    """

    id: int
    workspace_id: int
    kind: str
    name: str
    parent_id: int | None = None
    country: str | None = None
    currency: str = "USD"
    timezone: str = "UTC"
    external_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A piece of software with credentials. Its secret and tokens are stored only as hashes, elsewhere."""

    id: int
    workspace_id: int
    client_id: str
    name: str
    scopes: frozenset[str]
    redirect_uris: tuple[str, ...] = ()
    created_at: datetime
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One published state of a workspace's data: which version of each lake table, and which index, belong together.

    `tables` maps a lake table's name to its Delta version; `index` is the index folder's name below the settings'
    index folder; `as_of` is what "now" means for the data; `fingerprint` changes when any input file or mapping does.
    """

    workspace_id: int
    number: int
    tables: Mapping[str, int]
    index: str
    as_of: datetime
    built_at: datetime
    people: int
    fingerprint: str
    details: Mapping[str, Any] = field(default_factory=dict)


def is_passing(details: Mapping[str, Any]) -> bool:
    """Say whether a generation with these details is one of very many: of live data, or where only lists changed.

    Imports' stay on record: they are few, and tell what was served when.
    """
    return bool(details.get("live") or details.get("minor"))
