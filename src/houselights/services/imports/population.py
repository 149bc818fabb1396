"""The population file as frozen data: what a company's files mean. It reads nothing and checks nothing; parse.py does.

Every node that names columns carries `where`, its path in the YAML (`people[0].facets.age`), for error messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from houselights.model.workspace import PrivacyPolicy

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Files that share a layout: paths, globs or URLs, their format (None: by name) and the words for "not known"."""

    files: tuple[str, ...]
    format: str | None
    nulls: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, or one value for every row, with what is needed to understand its cells."""

    where: str
    column: str | None = None
    value: Scalar | None = None
    type: str | None = None
    zone: str = "UTC"
    format: str | None = None
    many: bool = False
    separator: str = "|"
    nested: Mapping[str, "Column"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBand:
    """A numeric band of a facet, both ends inclusive, None meaning open."""

    low: float | None
    high: float | None
    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetColumn:
    """How a facet is read from a column: by bands, by a value map, or as it stands."""

    column: Column
    bands: tuple[NumberBand, ...] = ()
    values: Mapping[str, str | None] | None = None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityColumn:
    """A column with identities of one namespace; `hashed` says that cells must be SHA-256 already.

    `country` is where phone numbers without a country code belong.
    """

    column: Column
    hashed: bool = False
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalIdentity:
    """Name and address columns, by field name (first_name, last_name, address, city, state, postal, country)."""

    columns: Mapping[str, Column]
    hashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSource:
    """Files with one row a person. `key` None means that the row's number is the key."""

    source: Source
    key: Column | None
    attributes: Mapping[str, Column]
    facets: Mapping[str, FacetColumn]
    identities: Mapping[str, IdentityColumn]
    postal: PostalIdentity | None
    measures: Mapping[str, Column]


class Wins(StrEnum):
    """Which fragment of a person wins where several know the same."""

    LATER = "later"
    EARLIER = "earlier"
    LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Keys that share an identity of the namespaces `by` are one person, unless more than `most_keys` keys share it.

    `latest` is the attribute that says how late a fragment is, where the latest wins.
    """

    by: tuple[str, ...]
    most_keys: int = 10
    wins: Wins = Wins.LATER
    latest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitTable:
    """Files that list the traits of a facet, as a tree by `parent` or `path` columns, or flat."""

    source: Source
    id: Column
    name: Column | None
    parent: Column | None
    path: Column | None
    description: Column | None
    low: Column | None
    high: Column | None
    attributes: Mapping[str, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitEntry:
    """One trait written down in the population file itself."""

    key: str
    name: str
    parent: str | None = None
    description: str = ""
    low: float | None = None
    high: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetDeclaration:
    """What a facet is called and how it is used. `discovery_path` None means: below the facet's name."""

    key: str
    name: str
    where: str
    description: str = ""
    multi: bool | None = None
    role: str | None = None
    unit: str | None = None
    discovery: str | None = None
    discovery_path: tuple[str, ...] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    table: TraitTable | None = None
    entries: tuple[TraitEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """Files with one row an event. `type` is a constant or a column."""

    source: Source
    person: Column
    time: Column
    type: Column
    attributes: Mapping[str, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A facet or measures worked out from events in (as_of − within_days, as_of].

    With `facet`: people get the trait named by the attribute `trait` when `at_least` such events are in the window.
    Otherwise `per_day` is the mean of `count` per day, and `days` the share of days with any.
    """

    name: str
    where: str
    events: tuple[str, ...]
    within_days: int
    conditions: Mapping[str, tuple[Scalar, ...]]
    facet: str | None = None
    trait: str | None = None
    values: Mapping[str, str | None] | None = None
    otherwise: str | None = None
    at_least: int = 1
    per_day: str | None = None
    days: str | None = None
    count: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTable:
    """Files that describe the accounts people follow."""

    source: Source
    platform: Column | None
    id: Column
    screen_name: Column | None
    name: Column | None
    followers: Column | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowSource:
    """Files with one row for each person and followed account. `platform` is a constant or a column."""

    source: Source
    person: Column
    platform: Column
    account: Column
    last_active: Column | None
    accounts: AccountTable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSource:
    """Files with one row a text. `field` is a constant (bio) or a column."""

    source: Source
    person: Column
    field: Column
    time: Column | None
    text: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyAudience:
    """An audience delivered with the data. `rule` is the JSON form; `account_id` the account that owns it."""

    id: int
    name: str
    description: str
    kind: str
    category: str
    path: tuple[str, ...]
    account_id: int | None
    rule: Mapping[str, Any]
    attributes: Mapping[str, Any]
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAccount:
    """An account of the workspace; `parent_id` is resolved to another one of the list."""

    id: int
    kind: str
    name: str
    parent_id: int | None
    country: str | None
    currency: str
    timezone: str
    external_id: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A whole population file; without a `link`, a key is a person.

    `mapping` is the YAML as plain data, for the fingerprint.
    """

    workspace: str
    as_of: datetime | None
    max_rejects: int | None
    privacy: PrivacyPolicy | None
    people: tuple[PeopleSource, ...]
    link: Link | None
    facets: Mapping[str, FacetDeclaration]
    events: tuple[EventSource, ...]
    derived: tuple[Derived, ...]
    follows: tuple[FollowSource, ...]
    texts: tuple[TextSource, ...]
    audiences: tuple[ReadyAudience, ...]
    accounts: tuple[DeclaredAccount, ...]
    mapping: Mapping[str, Any]
