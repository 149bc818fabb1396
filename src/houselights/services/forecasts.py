"""How many ad opportunities an audience offers on one day. Always a band; refuses to guess where nothing was measured.

Two measures of a person carry it: `daily_reach`, the share of days on which the person could be reached at all, and
`daily_impressions`, the mean opportunities a day. Summed over an audience they are the expected unique people, and
opportunities, of a day.
"""

from collections.abc import Collection, Mapping

from houselights.base.errors import InvalidRule
from houselights.engine.overlap import measure_sum
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.insight import Band, Forecast
from houselights.model.workspace import PrivacyPolicy
from houselights.rules.tree import InAudience, Rule
from houselights.services import privacy
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.question import Question, described, open_question

REACH = "daily_reach"
IMPRESSIONS = "daily_impressions"
UNKNOWN = Forecast(daily_reach=Band(low=0, high=None), daily_impressions=Band(low=0, high=None))


class Forecasts:
    """Forecasts for rules and for audiences. A workspace without the two measures gets `UNKNOWN`: zero or more."""

    def __init__(self, snapshots: Snapshots, audiences: Audiences, audit: Audit):
        self._snapshots = snapshots
        self._audiences = audiences
        self._audit = audit

    def forecast(self, caller: Caller, rule: Rule, universe: Rule | None = None) -> Forecast:
        """Return the forecast of the people of `rule` (within `universe`). Raises InvalidRule."""
        caller.require("insights:read")
        question = open_question(self._snapshots, self._audiences, caller, rule, universe)
        self._audit.record(caller, "forecasts.forecast", **described(question))
        return of_question(question)

    def of(self, caller: Caller, audience_ids: Collection[int]) -> Mapping[int, Forecast]:
        """Return the forecasts of those audiences that exist for the caller, by id.

        A reference audience costs two array look-ups; any other is evaluated, and left out when its rule no longer
        holds water.
        """
        caller.require("audiences:read")
        snapshot = self._snapshots.current(caller.workspace.id)
        catalogued = snapshot.catalogue.by_audience_id
        traits = {one: catalogued[one].id for one in audience_ids if one in catalogued}
        others = [one for one in audience_ids if one not in catalogued]
        made = _of_traits(snapshot, caller.workspace.privacy, traits)
        for audience_id in self._audiences.find(caller, others) if others else ():
            rule = InAudience(audience_id)
            try:
                made[audience_id] = of_question(open_question(self._snapshots, self._audiences, caller, rule))
            except InvalidRule:
                continue
        self._audit.record(caller, "forecasts.of", audiences=len(made))
        return made


def of_question(question: Question) -> Forecast:
    """Return the forecast of an audience that is already evaluated."""
    index = question.snapshot.index
    if not {REACH, IMPRESSIONS} <= set(index.measure_names):
        return UNKNOWN
    return _banded(
        question.caller.workspace.privacy,
        question.audience_n,
        reach=measure_sum(index, REACH, question.audience),
        impressions=measure_sum(index, IMPRESSIONS, question.audience),
    )


def _of_traits(snapshot: Snapshot, policy: PrivacyPolicy, traits: Mapping[int, int]) -> dict[int, Forecast]:
    """Return the forecasts of reference audiences, given the trait of each."""
    index = snapshot.index
    if not {REACH, IMPRESSIONS} <= set(index.measure_names):
        return dict.fromkeys(traits, UNKNOWN)
    reach, impressions = index.measure_sums(REACH), index.measure_sums(IMPRESSIONS)
    return {
        audience_id: _banded(
            policy, int(index.trait_counts[trait]), reach=float(reach[trait]), impressions=float(impressions[trait])
        )
        for audience_id, trait in traits.items()
    }


def _banded(policy: PrivacyPolicy, people: int, *, reach: float, impressions: float) -> Forecast:
    """Turn sums into bands; of an audience below the policy's minimum only an upper bound is said."""
    floor = policy.minimum_audience
    if people < floor:
        return Forecast(
            daily_reach=privacy.up_to_a_power_of_ten(reach, floor=floor),
            daily_impressions=privacy.up_to_a_power_of_ten(impressions, floor=floor),
        )
    return Forecast(
        daily_reach=privacy.leading_digit_band(reach, floor=floor),
        daily_impressions=privacy.leading_digit_band(impressions, floor=floor),
    )
