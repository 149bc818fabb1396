"""Says what readers must not find while an erasure has not rewritten the files yet. Asked at every look for news."""

from houselights.engine.withheld import NOTHING_WITHHELD, Withheld, WithheldLines, together
from houselights.model.erasure import Erasure, ErasureScope, ErasureState
from houselights.storage.control.control import Control


class Withholding:
    """What is being erased, by workspace."""

    def __init__(self, control: Control):
        self._control = control

    def __call__(self, workspace_id: int) -> Withheld:
        """Return what all erasures of a workspace that still wait withhold."""
        waiting = self._control.erasures.list(workspace_id, states=[ErasureState.WAITING])
        return together([withheld_by(each) for each in waiting]) if waiting else NOTHING_WITHHELD


def withheld_by(erasure: Erasure) -> Withheld:
    """Return what one erasure takes out of every answer, and then out of the files."""
    if erasure.scope is ErasureScope.EVERYTHING:
        return Withheld(frozenset(erasure.people))
    if not erasure.people or not erasure.lists:
        return NOTHING_WITHHELD
    lines = WithheldLines(people=erasure.people, lists=erasure.lists, until=erasure.until, uploads=erasure.uploads)
    return Withheld(lines=(lines,))
