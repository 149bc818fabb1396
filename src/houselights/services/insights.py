"""What an audience is like: its size, and how it relates to traits and to other audiences, beside a universe.

For audience A, subject T and universe U (A is always cut to U): overlap |A∩T|/|A| and affinity (|A∩T|/|A|)/(|T|/|U|),
with intervals, z against the rest of U and Benjamini–Hochberg over the whole list (`services.statistics`). What the
caller may not know is left out (`services.privacy`). Refuses nothing itself: bad rules are refused where they are
checked.
"""

from collections.abc import Sequence
from functools import lru_cache

from houselights.engine.snapshot import Snapshots
from houselights.model.audience import AudienceFilter
from houselights.model.insight import InsightList, Size
from houselights.rules.tree import Rule
from houselights.services import privacy
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.beside import Beside
from houselights.services.caller import Caller
from houselights.services.question import described, open_question
from houselights.services.reporting import Stretch, report
from houselights.services.statistics import Ranking
from houselights.services.subjects import coverage, lay_out, of_traits


class Insights:
    """Answers "how many?" and "what are they like?". Each answer is in the audit log before it is returned."""

    def __init__(self, snapshots: Snapshots, audiences: Audiences, beside: Beside, audit: Audit):
        self._snapshots = snapshots
        self._audiences = audiences
        self._beside = beside
        self._audit = audit
        # A layout depends on the catalogue object, hence on the generation; old ones fall out as new ones come.
        self._layouts = lru_cache(maxsize=32)(lay_out)

    def size(self, caller: Caller, rule: Rule, *, universe: Rule | None = None) -> Size:
        """Return how many people of `universe` (None: everyone) the rule holds.

        Everyone gets the band; `exact` and `universe` are None without `counts:exact`. Raises InvalidRule.
        """
        caller.require("insights:read")
        question = open_question(self._snapshots, self._audiences, caller, rule, universe)
        self._audit.record(caller, "insights.size", **described(question))
        return Size(
            band=privacy.band(caller.workspace.privacy, question.audience_n),
            exact=question.audience_n if caller.exact else None,
            universe=question.universe_n if caller.exact else None,
            as_of=question.snapshot.generation.as_of,
            built_at=question.snapshot.generation.built_at,
        )

    def traits(
        self,
        caller: Caller,
        rule: Rule,
        *,
        facets: Sequence[str],
        universe: Rule | None = None,
        rank: Ranking = "affinity",
        known_only: bool = False,
        minimum_affinity: float | None = None,
        maximum_affinity: float | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> InsightList:
        """Compare the audience with every trait of `facets`; `subject_id` is the trait's id.

        With `known_only`, rows of a single-valued facet divide by the people of A, and of U, whose value is known;
        otherwise every row divides by |A| and |U|. `coverage` is said for one facet: the share of A whose value is
        known (of a many-valued facet, who carry any trait). Raises InvalidInput for an unknown facet, InvalidRule.
        """
        caller.require("insights:read")
        question = open_question(self._snapshots, self._audiences, caller, rule, universe)
        layout = self._layouts(question.snapshot.catalogue, tuple(facets))
        subjects = of_traits(question, layout, known_only=known_only)
        stretch = Stretch(
            by=rank,
            minimum_affinity=minimum_affinity,
            maximum_affinity=maximum_affinity,
            offset=offset,
            limit=limit,
        )
        answer = report(question, subjects, stretch, coverage(question, layout, subjects))
        self._audit.record(caller, "insights.traits", **described(question), facets=list(facets), rows=len(answer.rows))
        return answer

    def audiences(
        self,
        caller: Caller,
        rule: Rule,
        *,
        among: AudienceFilter,
        universe: Rule | None = None,
        rank: Ranking = "affinity",
        minimum_affinity: float | None = None,
        maximum_affinity: float | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> InsightList:
        """Compare the audience with every audience `among` those the caller may see; `subject_id` is its id.

        Reference audiences come from the trait counts of the index; the others are evaluated. A stored audience whose
        rule no longer holds water is left out, it does not spoil the list. Raises InvalidRule.
        """
        caller.require("insights:read")
        question = open_question(self._snapshots, self._audiences, caller, rule, universe)
        subjects = self._beside.of_audiences(question, among)
        stretch = Stretch(
            by=rank,
            minimum_affinity=minimum_affinity,
            maximum_affinity=maximum_affinity,
            offset=offset,
            limit=limit,
        )
        answer = report(question, subjects, stretch, None)
        self._audit.record(caller, "insights.audiences", **described(question), rows=len(answer.rows))
        return answer
