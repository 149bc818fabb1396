"""One question about people, opened: the generation it rests on, the audience, and the universe it is compared with.

Refuses rules the caller may not ask. Everything a question says comes from one generation, even if another is
published while it is being answered.
"""

from dataclasses import dataclass
from typing import Any

from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.rules.json_form import to_json
from houselights.rules.tree import Everyone, Rule
from houselights.services.audiences import Audiences
from houselights.services.caller import Caller
from houselights.services.resolver import Resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`audience` is already cut to `universe`. `rule` and `within` are the
    two as they were asked; `everyone` says that the universe is the whole workspace."""

    caller: Caller
    rule: Rule
    within: Rule
    snapshot: Snapshot
    resolve: Resolver
    audience: PeopleSet
    universe: PeopleSet
    everyone: bool

    @property
    def audience_n(self) -> int:
        return len(self.audience)

    @property
    def universe_n(self) -> int:
        return len(self.universe)


def open_question(
    snapshots: Snapshots,
    audiences: Audiences,
    caller: Caller,
    rule: Rule,
    universe: Rule | None = None,
    *,
    snapshot: Snapshot | None = None,
) -> Question:
    """Check both rules and evaluate them on the current generation, or on the one given.

    Raises InvalidRule with the place in the rule, NotFound when the workspace has no people yet.
    """
    universe = universe or Everyone()
    snapshot = snapshot or snapshots.current(caller.workspace.id)
    everyone = isinstance(universe, Everyone)
    resolve = audiences.check(caller, rule, universe=None if everyone else universe, catalogue=snapshot.catalogue)
    whole = snapshot.index.everyone if everyone else snapshot.evaluate(resolve.fixed(universe), resolve)
    members = snapshot.evaluate(resolve.fixed(rule), resolve)
    return Question(
        caller=caller,
        rule=rule,
        within=universe,
        snapshot=snapshot,
        resolve=resolve,
        audience=members if everyone else members & whole,
        universe=whole,
        everyone=everyone,
    )


def described(question: Question) -> dict[str, Any]:
    """Return what the audit log keeps of a question: both rules, the generation, and the true size of the answer."""
    kept: dict[str, Any] = {
        "rule": to_json(question.rule)["rule"],
        "generation": question.snapshot.generation.number,
        "people": question.audience_n,
    }
    if not question.everyone:
        kept["universe"] = to_json(question.within)["rule"]
    return kept
