"""Parts people into groups of those who are alike, by their traits. The same people and traits give the same groups.

Members become rows over traits, a trait weighing the more the rarer it is among them (inverse document frequency), rows
are brought to one length, then to `DIMENSIONS` (truncated SVD), which is latent semantic analysis; k-means parts them.
The number of groups is the one from `LEAST` to `MOST` whose silhouette (Rousseeuw 1987: how much nearer people are to
their own group than to the next) is greatest, among those whose every group is large enough. It must be greater by
`BEYOND_CHANCE` than that of the same traits dealt out anew, each to as many people but independently of the others:
k-means finds groups in anything. Otherwise there are no groups, and everybody is in one. Of a large audience a sample
is fitted; every member is then put into the group whose centre is nearest.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csc_array, csr_array
from threadpoolctl import threadpool_limits

from houselights.base.later import Later
from houselights.engine.features import matrix
from houselights.engine.index import Index

cluster, decomposition = Later("sklearn.cluster"), Later("sklearn.decomposition")
metrics, preprocessing = Later("sklearn.metrics"), Later("sklearn.preprocessing")

Array = np.ndarray[Any, Any]

LEAST, MOST = 2, 8
DIMENSIONS = 16
SAMPLE_MOST = 20_000
JUDGED_MOST = 2_500
CHUNK = 100_000
FEATURES_MOST = 1_500
SHARE_LEAST, SHARE_MOST = 0.01, 0.9
BEYOND_CHANCE = 0.02
DEALT_MOST = 5_000
CLUSTER_SHARE_LEAST = 0.02
RANDOM = 1187


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """`groups` is the group of each member, from 0, largest first; `silhouette` None when there is one group only.

    `tried` gives the silhouette of every number of groups that was tried, `by_chance` that of the best number where
    traits have nothing to do with each other.
    """

    groups: Array
    count: int
    silhouette: float | None
    tried: dict[int, float]
    by_chance: float | None
    sampled: int
    traits: int


def usable(in_audience: Array, members: int) -> Array:
    """Return the traits to part by: neither rare among the members nor common to all; of too many the most telling."""
    share = in_audience / max(1, members)
    chosen = np.flatnonzero((share >= SHARE_LEAST) & (share <= SHARE_MOST))
    if chosen.size > FEATURES_MOST:
        spread = share[chosen] * (1 - share[chosen])
        chosen = chosen[np.argsort(-spread, kind="stable")[:FEATURES_MOST]]
    return np.sort(chosen)


def part(index: Index, members: Array, traits: Array, share: Array, least: int, look: Callable[[], None]) -> Parted:
    """Part `members` (ids ascending) by `traits`, whose `share` among them is given; `look` is called now and then.

    No group of the sample stands for fewer than `least` people.
    """
    # On a busy machine the threads of OpenMP wait for one another: with one, this takes a fifth of the time.
    with threadpool_limits(1):
        return _part(index, members, traits, share, least, look)


def _part(index: Index, members: Array, traits: Array, share: Array, least: int, look: Callable[[], None]) -> Parted:
    alone = Parted(
        groups=np.zeros(len(members), np.int16), count=1, silhouette=None, tried={}, by_chance=None,
        sampled=len(members), traits=len(traits),
    )  # fmt: skip
    least = max(least, int(np.ceil(CLUSTER_SHARE_LEAST * len(members))), 1)
    if len(members) < 2 * least or len(traits) < LEAST or len(members) <= MOST:
        return alone
    random = np.random.default_rng(RANDOM)
    sample = np.sort(random.choice(members, min(SAMPLE_MOST, len(members)), replace=False))
    idf = np.log(1 / share).astype(np.float32)
    reduce = decomposition.TruncatedSVD(min(DIMENSIONS, len(traits) - 1), random_state=RANDOM)
    found = matrix(index, sample, traits)
    dealt = _dealt(found, random)
    rows = preprocessing.normalize(reduce.fit_transform(_weighted(found, idf)))
    judged = random.choice(len(sample), min(JUDGED_MOST, len(sample)), replace=False)
    fitted: dict[int, Any] = {}
    tried: dict[int, float] = {}
    for count in range(LEAST, MOST + 1):
        look()
        each = cluster.KMeans(count, n_init=4, random_state=RANDOM).fit(rows)
        sizes = np.bincount(each.labels_, minlength=count) * (len(members) / len(sample))
        if sizes.min() >= least and len(np.unique(each.labels_[judged])) >= LEAST:
            fitted[count] = each
            tried[count] = float(metrics.silhouette_score(rows[judged], each.labels_[judged]))
    if not tried:
        return replace(alone, sampled=len(sample))
    number = max(tried, key=lambda count: tried[count])
    best, by_chance = fitted[number], _by_chance(dealt, idf, number)
    alone = replace(alone, tried=tried, by_chance=by_chance, sampled=len(sample))
    if tried[number] < by_chance + BEYOND_CHANCE:
        return alone
    groups = np.empty(len(members), np.int16)
    for start in range(0, len(members), CHUNK):
        look()
        stretch = slice(start, start + CHUNK)
        placed = preprocessing.normalize(reduce.transform(_weighted(matrix(index, members[stretch], traits), idf)))
        groups[stretch] = best.predict(placed)
    return replace(alone, groups=_largest_first(groups, number), count=number, silhouette=tried[number])


def _dealt(rows: csr_array, random: np.random.Generator) -> csr_array:
    """Return rows in which as many people carry each trait as in some of these, but independently of the others."""
    some = rows[:DEALT_MOST].tocsc()
    people = some.shape[0]
    dealt = [random.choice(people, carriers, replace=False) for carriers in np.diff(some.indptr)]
    made = csc_array((some.data, np.concatenate(dealt).astype(np.int32), some.indptr), shape=some.shape)
    return made.tocsr()


def _by_chance(dealt: csr_array, idf: Array, count: int) -> float:
    """Return the silhouette of so many groups where traits have nothing to do with each other."""
    reduce = decomposition.TruncatedSVD(min(DIMENSIONS, dealt.shape[1] - 1), random_state=RANDOM)
    rows = preprocessing.normalize(reduce.fit_transform(_weighted(dealt, idf)))
    labels = cluster.KMeans(count, n_init=4, random_state=RANDOM).fit_predict(rows)
    some = slice(None, JUDGED_MOST)
    if len(np.unique(labels[some])) < LEAST:
        return 0.0
    return float(metrics.silhouette_score(rows[some], labels[some]))


def _weighted(rows: csr_array, idf: Array) -> csr_array:
    rows.data = idf[rows.indices]
    weighted: csr_array = preprocessing.normalize(rows, copy=False)
    return weighted


def _largest_first(groups: Array, count: int) -> Array:
    """Number groups anew, the largest first; of equal ones the one with the first member."""
    sizes = np.bincount(groups, minlength=count)
    first = [int(np.argmax(groups == each)) for each in range(count)]
    order = sorted(range(count), key=lambda each: (-int(sizes[each]), first[each]))
    places = np.empty(count, np.int16)
    places[order] = np.arange(count, dtype=np.int16)
    placed: Array = places[groups]
    return placed
