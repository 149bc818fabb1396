"""Other audiences to compare with, and how sets lie over one another. Refuses more than six sets in an exact picture.

Reference audiences are traits: their overlaps come out of one pass over the index. All others are evaluated, and their
overlap counted in one sweep over the words of the sets.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from houselights.base.errors import InvalidRule, NotFound
from houselights.engine.overlap import overlap_of
from houselights.engine.people_set import PeopleSet
from houselights.model.audience import AudienceFilter, AudienceKind, AudienceStatus
from houselights.model.catalogue import Catalogue
from houselights.rules.tree import InAudience
from houselights.services.audiences import visible_to
from houselights.services.question import Question
from houselights.services.subjects import Ints, Subjects
from houselights.storage.control.control import Control

REFERENCE = frozenset({AudienceKind.REFERENCE})
NONE: Ints = np.empty(0, dtype=np.int64)


class Beside:
    """Finds the audiences that stand beside one."""

    def __init__(self, control: Control):
        self._control = control
        # Reference audiences change only when a generation is published, and a generation has a catalogue of its own.
        self._references = lru_cache(maxsize=64)(self._read_references)

    def of_audiences(self, question: Question, among: AudienceFilter) -> Subjects:
        """Count the audience of a question against every active audience `among` those its caller may see."""
        where = visible_to(question.caller, among)
        if where.statuses is None:
            where = replace(where, statuses=frozenset({AudienceStatus.ACTIVE}))
        kinds = frozenset(AudienceKind) if where.kinds is None else where.kinds
        snapshot = question.snapshot
        references, traits = NONE, NONE
        if kinds & REFERENCE:
            references, traits = self._references(
                question.caller.workspace.id, snapshot.catalogue, replace(where, kinds=REFERENCE)
            )
        others, sets = (
            self._others(question, replace(where, kinds=kinds - REFERENCE)) if kinds - REFERENCE else ([], [])
        )
        everywhere = snapshot.index.trait_counts if question.everyone else snapshot.overlaps(question.universe)
        both = [snapshot.overlaps(question.audience)[traits], overlap_of(question.audience, sets)]
        subject = [everywhere[traits], overlap_of(question.universe, sets)]
        ids = np.concatenate([references, np.array(others, dtype=np.int64)])
        return _subjects(question, ids, np.concatenate(both), np.concatenate(subject))

    def _others(self, question: Question, where: AudienceFilter) -> tuple[list[int], list[PeopleSet]]:
        """Evaluate the matching audiences that are not traits; those whose rules no longer hold water are left out."""
        ids: list[int] = []
        sets: list[PeopleSet] = []
        for audience_id in self._control.audiences.ids(question.caller.workspace.id, where):
            try:
                sets.append(question.snapshot.evaluate(InAudience(audience_id), question.resolve))
            except (InvalidRule, NotFound):
                continue
            ids.append(audience_id)
        return ids, sets

    def _read_references(self, workspace_id: int, catalogue: Catalogue, where: AudienceFilter) -> tuple[Ints, Ints]:
        """Return the ids of the matching reference audiences, and those of their traits."""
        traits = catalogue.by_audience_id
        ids = [audience_id for audience_id in self._control.audiences.ids(workspace_id, where) if audience_id in traits]
        return np.array(ids, dtype=np.int64), np.array([traits[one].id for one in ids], dtype=np.int64)


def _subjects(question: Question, ids: Ints, both: Ints, subject: Ints) -> Subjects:
    rows = len(ids)
    return Subjects(
        ids=ids,
        both=both,
        audience=np.full(rows, question.audience_n, dtype=np.int64),
        subject=subject,
        universe=np.full(rows, question.universe_n, dtype=np.int64),
        keep_zero=np.zeros(rows, dtype=np.bool_),
        groups=np.full(rows, -1, dtype=np.int64),
        parents=np.full(rows, -1, dtype=np.int64),
    )
