"""Says what a cluster is like: the traits that make it stand out from the rest of the audience, and a label of them.

A trait stands out when its members carry it surely more often than the other members of the audience do: ranked by the
lower end of the affinity's interval, among those that are reliable, that enough of the cluster carries, and that the
privacy policy lets out. Of traits with one name, or in one line of a tree, the first counts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from houselights.model.catalogue import Catalogue, Trait
from houselights.model.workspace import PrivacyPolicy
from houselights.services import privacy
from houselights.services.statistics import compare, or_none, rank

Array = np.ndarray[Any, Any]

TRAITS_MOST = 12
LABEL_TRAITS = 3
SHARE_LEAST = 0.1  # of the cluster: what fewer carry does not describe it, however rare it is elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One trait of a cluster: shares of the cluster and of the audience, and how many times as common it is here."""

    trait: Trait
    share: float
    audience_share: float
    affinity: float
    affinity_low: float | None
    both: int


def standing_out(
    catalogue: Catalogue, in_cluster: Array, cluster: int, in_audience: Array, audience: int, policy: PrivacyPolicy
) -> list[Standing]:
    """Return the traits that make a cluster of `cluster` people stand out, clearest first; counts by trait id."""
    comparison = compare(in_cluster, cluster, in_audience, audience)
    ones = np.full(in_cluster.shape, -1, np.int64)
    cells = privacy.Cells(
        both=in_cluster, audience=np.full_like(in_cluster, cluster), subject=in_audience, groups=ones, parents=ones
    )
    seen = privacy.visible(policy, cells)
    fits = comparison.reliable & seen & (comparison.overlap >= SHARE_LEAST) & (comparison.affinity_low > 1)
    found: list[Standing] = []
    for each in rank(comparison, "lower_bound").tolist():
        trait = catalogue.traits.get(each)
        if not fits[each] or trait is None or any(_same(trait, other.trait) for other in found):
            continue
        found.append(
            Standing(
                trait=trait,
                share=float(comparison.overlap[each]),
                audience_share=float(comparison.universe_share[each]),
                affinity=float(comparison.affinity[each]),
                affinity_low=or_none(float(comparison.affinity_low[each])),
                both=int(in_cluster[each]),
            )
        )
        if len(found) == TRAITS_MOST:
            break
    return found


def label(standing: list[Standing]) -> str:
    """Return a name made of what stands out most."""
    return ", ".join(each.trait.name for each in standing[:LABEL_TRAITS]) or "nothing stands out"


def _same(one: Trait, other: Trait) -> bool:
    if one.name.casefold() == other.name.casefold():
        return True
    shorter, longer = sorted((one.path, other.path), key=len)
    return one.facet == other.facet and longer[: len(shorter)] == shorter
