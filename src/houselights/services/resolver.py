"""What an audience's rule says today, for the checker and the engine. Refuses audiences the asker may not name.

A reference audience is one trait, and is answered from the catalogue of the generation in use without a query; every
other audience is read from the control database once per question, so an answer never mixes two versions of a rule.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from houselights.base.errors import NotFound
from houselights.model.audience import Audience, AudienceStatus
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Workspace
from houselights.rules.check import audiences_in
from houselights.rules.consent import OPTED_OUT
from houselights.rules.json_form import from_json
from houselights.rules.listed import at_now
from houselights.rules.tree import And, HasTrait, Not, Rule
from houselights.services.caller import Caller
from houselights.storage.control.control import Control


class Resolver:
    """`resolver(audience_id) -> Rule`, for one question.

    With a `caller`, the audiences `named` in the question itself must be visible to that caller and active. What
    stands further down is part of those audiences' own meaning and is followed whatever its owner or status: an
    audience does not change for its users because one of its parts was archived by an import.

    With `now`, that is what it means to all lists in this question, however long the answer takes.
    """

    def __init__(
        self,
        control: Control,
        workspace: Workspace,
        catalogue: Catalogue,
        *,
        caller: Caller | None = None,
        named: Collection[int] = (),
        now: datetime | None = None,
    ):
        self._now = now
        self._audiences = control.audiences
        self._workspace = workspace
        self._traits = catalogue.by_audience_id
        self._caller = caller
        self._named = frozenset(named) if caller is not None else frozenset()
        self._rules: dict[int, Rule] = {}
        self._fetch(named)

    def __call__(self, audience_id: int) -> Rule:
        """Return the rule of an audience. Raises NotFound."""
        rule = self._rules.get(audience_id)
        if rule is None:
            self._fetch((audience_id,))
            rule = self._rules.get(audience_id)
        if rule is None:
            raise NotFound(f"no audience {audience_id}")
        return rule

    def fixed(self, rule: Rule) -> Rule:
        """Return a rule of the question itself with "now" fixed for its lists, as it is for those of audiences."""
        return rule if self._now is None else at_now(rule, self._now)

    def _fetch(self, ids: Iterable[int]) -> None:
        """Read the rules of `ids` and, so that trees cost one query per level, of all they name."""
        wanted = [audience_id for audience_id in ids if audience_id not in self._rules]
        while wanted:
            stored: list[int] = []
            for audience_id in wanted:
                trait = self._traits.get(audience_id)
                if trait is None:
                    stored.append(audience_id)
                else:
                    self._rules[audience_id] = HasTrait(trait.facet, (trait.key,))
            found = self._audiences.find(self._workspace.id, stored) if stored else {}
            wanted = []
            for audience_id, audience in found.items():
                if self._admits(audience):
                    rule = self.fixed(rule_of(audience))
                    self._rules[audience_id] = rule
                    wanted.extend(other for other in audiences_in(rule) if other not in self._rules)

    def _admits(self, audience: Audience) -> bool:
        if self._caller is None or audience.id not in self._named:
            return True
        return self._caller.may_see(audience) and audience.status is AudienceStatus.ACTIVE


def rule_of(audience: Audience) -> Rule:
    """Return who is in an audience: whom its rule describes, less those who opted out where they are to be left out."""
    rule = from_json(audience.rule)
    return And((rule, Not(OPTED_OUT))) if audience.exclude_opted_out else rule
