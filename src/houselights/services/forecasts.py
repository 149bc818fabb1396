"""How many ad opportunities an audience offers on one day. Always a band; refuses to guess where nothing was measured.

Two measures of a person carry it: `daily_reach`, the share of days on which the person could be reached at all, and
`daily_impressions`, the mean opportunities a day. Summed over an audience they are the expected unique people, and
opportunities, of a day.
"""

from collections.abc import Collection, Mapping

from houselights.engine.overlap import measure_sum
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.insight import Band, Forecast
from houselights.model.workspace import PrivacyPolicy
from houselights.rules.tree import InAudience, Rule
from houselights.services import privacy
from houselights.services.audiences import Audiences
from houselights.services.caller import Caller
from houselights.services.question import Question, open_question

REACH = "daily_reach"
IMPRESSIONS = "daily_impressions"
UNKNOWN = Forecast(daily_reach=Band(low=0, high=None), daily_impressions=Band(low=0, high=None))


class Forecasts:
    """Forecasts for rules and for audiences. A workspace without the two measures gets `UNKNOWN`: zero or more."""

    def __init__(self, snapshots: Snapshots, audiences: Audiences):
        self._snapshots = snapshots
        self._audiences = audiences

    def forecast(self, caller: Caller, rule: Rule, universe: Rule | None = None) -> Forecast:
        """Return the forecast of the people of `rule` (within `universe`). Raises InvalidRule."""
        question = open_question(self._snapshots, self._audiences, caller, rule, universe)
        return of_question(question)

    def of(self, caller: Caller, audience_ids: Collection[int]) -> Mapping[int, Forecast]:
        """Return the forecasts of those audiences that exist for the caller, by id.

        A reference audience costs two array look-ups; any other is evaluated.
        """
        snapshot = self._snapshots.current(caller.workspace.id)
        traits = snapshot.catalogue.by_audience_id
        made: dict[int, Forecast] = {}
        others = []
        for audience_id in audience_ids:
            trait = traits.get(audience_id)
            if trait is None:
                others.append(audience_id)
            else:
                made[audience_id] = _of_trait(snapshot, caller.workspace.privacy, trait.id)
        for audience_id in self._audiences.find(caller, others) if others else ():
            made[audience_id] = self.forecast(caller, InAudience(audience_id))
        return made


def of_question(question: Question) -> Forecast:
    """Return the forecast of an audience that is already evaluated."""
    index = question.snapshot.index
    if not {REACH, IMPRESSIONS} <= index.measures.keys():
        return UNKNOWN
    return _banded(
        question.caller.workspace.privacy,
        question.audience_n,
        reach=measure_sum(index, REACH, question.audience),
        impressions=measure_sum(index, IMPRESSIONS, question.audience),
    )


def _of_trait(snapshot: Snapshot, policy: PrivacyPolicy, trait_id: int) -> Forecast:
    index = snapshot.index
    if not {REACH, IMPRESSIONS} <= index.measures.keys():
        return UNKNOWN
    return _banded(
        policy,
        int(index.trait_counts[trait_id]),
        reach=float(index.measure_sums(REACH)[trait_id]),
        impressions=float(index.measure_sums(IMPRESSIONS)[trait_id]),
    )


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
