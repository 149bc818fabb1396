"""An audience: a named rule over people, with versions, an owner and a life."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class AudienceKind(StrEnum):
    """Where an audience came from."""

    REFERENCE = "reference"  # one trait of the catalogue, offered for discovery
    CUSTOM = "custom"  # a rule somebody wrote
    COMBINED = "combined"  # a rule over other audiences
    ADVERTISER = "advertiser"  # a company's own people: a list, or a rule over what they did
    LOOKALIKE = "lookalike"  # people like the members of another audience


class AudienceStatus(StrEnum):
    """Where an audience is in its life."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class Evaluation(StrEnum):
    """How soon an audience's members follow a person's changes. Whatever it is, who is a member is the same."""

    BATCH = "batch"  # at the next run over everybody
    CONTINUOUS = "continuous"  # as profiles and events arrive
    SYNCHRONOUS = "synchronous"  # in the reply, for the profile that is asked about
    NEVER = "never"  # out of use: what was recorded of its members stays as it is, and others may still ask its rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The latest version of an audience.

    `rule` is the JSON form of the rule tree (`houselights.rules.json_form`). `category` and `path` place it in
    discovery: category first, then the nodes down to, but not including, the audience itself. `account_id` is the
    account that owns it, None when the whole workspace may use it. `attributes` carries what the caller's dialect
    needs to give back verbatim, and nothing the engine reads. `exclude_opted_out` keeps people who opted out of being
    addressed (`rules/consent.py`) from being members, whatever the rule says.
    """

    id: int
    workspace_id: int
    kind: AudienceKind
    name: str
    description: str
    rule: Mapping[str, Any]
    category: str
    path: tuple[str, ...] = ()
    account_id: int | None = None
    status: AudienceStatus = AudienceStatus.ACTIVE
    version: int = 1
    created_at: datetime
    updated_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Evaluation = Evaluation.BATCH
    exclude_opted_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceFilter:
    """Which audiences to list; every given condition must hold.

    `name_words` are phrases, any of which may match, case ignored; "*" stands for any run of characters. `under` is a
    category and path prefix (whole
    sub-tree), `at` an exact place. `account_id` asks for the audiences one account owns; `owners` for those of any of
    these accounts, None among them standing for what the whole workspace may use. `excluding` holds conditions none
    of which may hold.
    """

    ids: frozenset[int] | None = None
    name_words: tuple[str, ...] = ()
    categories: frozenset[str] | None = None
    under: tuple[str, ...] | None = None
    at: tuple[str, ...] | None = None
    kinds: frozenset[AudienceKind] | None = None
    statuses: frozenset[AudienceStatus] | None = None
    account_id: int | None = None
    owners: frozenset[int | None] | None = None
    evaluations: frozenset[Evaluation] | None = None
    excluding: tuple["AudienceFilter", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceVersion:
    """One past or present form of an audience."""

    audience_id: int
    version: int
    name: str
    description: str
    rule: Mapping[str, Any]
    created_at: datetime
