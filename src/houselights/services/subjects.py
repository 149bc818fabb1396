"""What an audience is compared with: the traits of some facets, or other audiences, laid out as arrays.

The layout of thousands of traits (who excludes whom, who stands below whom) depends on the generation alone, so it is
worked out once for each; a question then costs array arithmetic only. Refuses facets the catalogue does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot
from houselights.model.catalogue import Catalogue, Trait
from houselights.rules.tree import HasTrait
from houselights.services.privacy import rounded, withheld_whole
from houselights.services.question import Question

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Traits as rows, parents before their children.

    `facet` numbers the row's facet by its place among those asked for. `roots` are rows without a parent: in a
    single-valued facet everyone with a known value is below exactly one of them. `single` marks rows of
    single-valued facets; `groups` numbers their families of siblings, −1 elsewhere; `parents` is the row of the
    parent, −1 without one.
    """

    traits: Ints
    facet: Ints
    facets: int
    roots: NDArray[np.bool_]
    single: NDArray[np.bool_]
    groups: Ints
    parents: Ints

    def known(self, counts: Ints, otherwise: int) -> Ints:
        """Return, for each row, how many people have a known value of its facet, given the counts of the rows.

        Rows of many-valued facets get `otherwise`: there, to carry no trait is an answer too.
        """
        at_root = self.roots & self.single
        sums = np.bincount(self.facet[at_root], weights=counts[at_root], minlength=self.facets).astype(np.int64)
        return np.where(self.single, sums[self.facet], otherwise)


def lay_out(catalogue: Catalogue, facets: Sequence[str]) -> Layout:
    """Lay out the traits of `facets`. Raises InvalidInput with a hint for a facet that is not there."""
    rows: list[Trait] = []
    numbers: list[int] = []
    for number, key in enumerate(facets):
        if key not in catalogue.facets:
            raise InvalidInput(f'no facet "{key}"', field="facets", hint=did_you_mean(key, catalogue.facets))
        traits = sorted(catalogue.of(key), key=lambda trait: len(trait.path))
        rows += traits
        numbers += [number] * len(traits)
    place = {trait.id: row for row, trait in enumerate(rows)}
    single = [not catalogue.facets[trait.facet].multi for trait in rows]
    families: dict[tuple[int, int | None], int] = {}
    groups = [
        families.setdefault((number, trait.parent), len(families)) if alone else -1
        for number, trait, alone in zip(numbers, rows, single, strict=True)
    ]
    return Layout(
        traits=np.array([trait.id for trait in rows], dtype=np.int64),
        facet=np.array(numbers, dtype=np.int64),
        facets=len(facets),
        roots=np.array([trait.parent is None for trait in rows], dtype=np.bool_),
        single=np.array(single, dtype=np.bool_),
        groups=np.array(groups, dtype=np.int64),
        parents=np.array([-1 if t.parent is None else place.get(t.parent, -1) for t in rows], dtype=np.int64),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The counts of one question, a row each: |A∩T|, the people of A and of U to divide by, |T∩U|, and the cells.

    `keep_zero` marks rows that are worth saying even when nobody is in both.
    """

    ids: Ints
    both: Ints
    audience: Ints
    subject: Ints
    universe: Ints
    keep_zero: NDArray[np.bool_]
    groups: Ints
    parents: Ints


def of_traits(question: Question, layout: Layout, *, known_only: bool) -> Subjects:
    """Count the audience of a question against every row of a layout."""
    snapshot = question.snapshot
    in_audience = snapshot.overlaps(question.audience)[layout.traits]
    everywhere = snapshot.index.trait_counts if question.everyone else snapshot.overlaps(question.universe)
    in_universe = everywhere[layout.traits]
    whole_a = np.full(len(layout.traits), question.audience_n, dtype=np.int64)
    whole_u = np.full(len(layout.traits), question.universe_n, dtype=np.int64)
    return Subjects(
        ids=layout.traits,
        both=in_audience,
        audience=layout.known(in_audience, question.audience_n) if known_only else whole_a,
        subject=in_universe,
        universe=layout.known(in_universe, question.universe_n) if known_only else whole_u,
        keep_zero=layout.single,
        groups=layout.groups,
        parents=layout.parents,
    )


# Who carries any trait of a many-valued facet, kept for as long as the snapshot is. The rule that says so may name
# thousands of traits, and hashing it, to find it remembered, would cost more than the rest of the question.
_ANYBODY: WeakKeyDictionary[Snapshot, dict[str, PeopleSet]] = WeakKeyDictionary()


def anybody(question: Question, layout: Layout) -> PeopleSet:
    """Return the people who carry any trait of the one facet laid out."""
    catalogue = question.snapshot.catalogue
    facet = catalogue.traits[int(layout.traits[0])].facet
    kept = _ANYBODY.setdefault(question.snapshot, {})
    if facet not in kept:
        roots = [catalogue.traits[trait].key for trait in layout.traits[layout.roots].tolist()]
        kept[facet] = question.snapshot.evaluate(HasTrait(facet, tuple(roots)), question.resolve)
    return kept[facet]


def coverage(question: Question, layout: Layout, subjects: Subjects) -> float | None:
    """Return the share of the audience with a known value of the one facet laid out; None for several, or for nobody.

    None, too, towards callers without exact counts when only a few have no known value: the share would count them.
    """
    if layout.facets != 1 or not len(layout.traits) or not question.audience_n:
        return None
    if layout.single[0]:
        known = int(layout.known(subjects.both, 0)[0])
    else:
        known = len(question.audience & anybody(question, layout))
    if question.caller.exact:
        return known / question.audience_n
    policy = question.caller.workspace.privacy
    if withheld_whole(policy, audience=question.audience_n, universe=question.universe_n):
        return None
    if 0 < min(known, question.audience_n - known) < policy.minimum_cell:
        return None
    return float(rounded(np.array([known / question.audience_n]))[0])
