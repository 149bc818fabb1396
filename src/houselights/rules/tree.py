"""The people-level rule tree. Each node answers a set of people; the union is closed so that `match` can be checked.

The nodes are frozen and hashable: a rule is its own cache key. Names inside (`facet`, `any_of`) are the catalogue's
keys, not ids, so a stored rule survives a rebuilt index and can be read by a person.
"""

from dataclasses import dataclass, field
from datetime import datetime

from houselights.rules.values import Value


@dataclass(frozen=True, slots=True)
class Everyone:
    """All people of the workspace."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """The empty set."""


@dataclass(frozen=True, slots=True)
class InAudience:
    """The members of another audience, by whatever that audience's rule says today."""

    audience_id: int


@dataclass(frozen=True, slots=True)
class HasTrait:
    """People who carry at least one of the traits `any_of` (keys) of `facet`."""

    facet: str
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Which lines of a list's log decide: those up to `until` (None: all), and of additions those after `after`.

    `mark` is a number made of all lines up to `until`, where they are known: no two logs that differ share one.
    """

    after: datetime | None = None
    until: datetime | None = None
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """People on a list: what its log says last of them is that they were put on it.

    With `within_seconds` they stay for so long, counted from when they were last put on it, and 0 is nobody; what the
    house's clock says is "now" then. `span` is None in every rule that is written down; `rules/listed.py` works it out
    before a rule is evaluated, and then it says what `within_seconds` means.
    """

    list_id: int
    within_seconds: int | None = None
    span: Span | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Mentions:
    """People with at least one text in `fields` that holds at least one of `phrases`.

    Phrases are matched as runs of whole words, with case and accents folded. `within_days` counts back from the
    data's as-of instant, end inclusive; None means any age. A text without a time counts only when it is None.
    """

    fields: tuple[str, ...]
    phrases: tuple[str, ...]
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Follows:
    """People who follow at least `at_least` of `accounts` (their ids there) on a platform; an account counts once.

    With `active_within_days` also only those who were active on that platform so lately, whomever they follow there:
    counted back from the data's as-of instant, both ends inclusive, as in `Mentions`. Nobody follows an account that
    is not known, or anybody on a platform that is not.
    """

    platform: str
    accounts: tuple[str, ...]
    at_least: int = 1
    active_within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """People for whose document `expression` holds (`rules/values.py`); now is the data's as-of instant.

    A `Member` inside names another audience by its id in digits, and asks for its rule as `InAudience` does. `members`
    is empty in every rule that is written down; the engine fills in what each `Member` means before it evaluates, so
    that the rule is its own cache key.
    """

    expression: Value
    members: tuple[tuple[str, "Rule"], ...] = ()


@dataclass(frozen=True, slots=True)
class And:
    """People whom every rule holds; with no rules, everyone."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """People whom any rule holds; with no rules, nobody."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everyone but these."""

    rule: "Rule"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """People whom at least `k` of the rules hold; k ≤ 0 is everyone.

    Each entry counts once, however often it matches; a rule that is written twice is two entries.
    """

    k: int
    rules: tuple["Rule", ...]


Rule = Everyone | Nobody | InAudience | HasTrait | Listed | Mentions | Follows | Where | And | Or | Not | AtLeast
