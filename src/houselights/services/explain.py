"""How a rule is understood and answered: English, plan, counts clause by clause, who matches and who nearly does.

Counts are worded as this caller may know them, and people are named only to those who hold both "operator" and
"counts:exact": a funnel that names people is a membership test.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from houselights.engine import explain as engine
from houselights.engine.snapshot import Snapshots
from houselights.model.catalogue import Catalogue
from houselights.rules.check import audiences_in
from houselights.rules.english import CatalogueNames
from houselights.rules.json_form import node_to_json
from houselights.rules.outline import outline
from houselights.rules.tree import Rule
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.privacy import Counted, counted
from houselights.services.resolver import Resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One clause: people whom it holds `alone`, and who are left `after` it and all clauses above it."""

    english: str
    alone: Counted
    after: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearly:
    """The key of somebody whom every clause but `failed` holds."""

    key: str
    failed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """How one expression is asked of everybody: as SQL, or None and `why` not."""

    english: str
    sql: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The whole story.

    `plan` are the engine's steps in order (empty without `counts:exact`), `why` their reason. `outline` is the rule's
    tree, a node a line; `queries` tell how its expressions are asked.
    """

    rule: dict[str, Any]
    english: str
    plan: tuple[str, ...]
    why: str
    outline: tuple[str, ...]
    queries: tuple[Query, ...]
    people: Counted
    funnel: tuple[Step, ...]
    matches: tuple[str, ...]
    nearly: Nearly | None
    as_of: datetime
    built_at: datetime


class Explaining:
    """Explains rules."""

    def __init__(self, snapshots: Snapshots, audiences: Audiences, audit: Audit):
        self._snapshots = snapshots
        self._audiences = audiences
        self._audit = audit

    def names(self, caller: Caller, rule: Rule, catalogue: Catalogue, resolve: Resolver) -> CatalogueNames:
        """Return what the facets, traits and audiences of a rule are called, as far as the caller may know."""
        ids: set[int] = set()
        waiting = set(audiences_in(rule))
        while waiting:
            ids |= waiting
            waiting = {inner for one in waiting for inner in audiences_in(resolve(one))} - ids
        found = self._audiences.find(caller, sorted(ids))
        return CatalogueNames(catalogue, {audience_id: one.name for audience_id, one in found.items()})

    def explain(self, caller: Caller, rule: Rule) -> Explained:
        """Return how `rule` is understood. Raises InvalidRule, and NotFound before the first import."""
        caller.require("insights:read")
        snapshot = self._snapshots.current(caller.workspace.id)
        resolve = self._audiences.check(caller, rule, catalogue=snapshot.catalogue)
        names = self.names(caller, rule, snapshot.catalogue, resolve)
        told = engine.explain(snapshot, resolve.fixed(rule), resolve, names)
        self._audit.record(caller, "explain", rule=node_to_json(rule), people=told.count)
        named = caller.exact and "operator" in caller.scopes
        return Explained(
            rule=node_to_json(rule),
            english=told.english,
            # The steps guess how many people stay, from exact counts of traits.
            plan=told.plan.steps if caller.exact else (),
            why=told.plan.why,
            outline=outline(rule),
            queries=tuple(Query(english=each.english, sql=each.sql, why=each.why) for each in told.queries),
            people=counted(caller, told.count),
            funnel=tuple(
                Step(
                    english=clause.english,
                    alone=counted(caller, clause.count_alone),
                    after=counted(caller, clause.count_after),
                )
                for clause in told.funnel
            ),
            matches=told.matches if named else (),
            nearly=Nearly(key=told.nearly.key, failed=told.nearly.failed) if named and told.nearly else None,
            as_of=snapshot.generation.as_of,
            built_at=snapshot.generation.built_at,
        )
