"""Grows an audience by a factor: as many people outside it as are wanted, those first who are most like its members.

Asked for as a build, so it is durable, paid for, and given back when it fails. Members are scored by `model.py`, which
never looks at what the seed was chosen by (`defining.py`). Refuses seeds too small to learn from or to hide in, and
says so when there are not as many people as were wanted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np

from houselights.base.errors import InvalidInput, NotFound
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot
from houselights.model.audience import Audience, AudienceKind
from houselights.model.build import Build
from houselights.model.catalogue import Catalogue
from houselights.rules.consent import OPTED_OUT
from houselights.rules.json_form import from_json, to_json
from houselights.rules.tree import Everyone, InAudience, Listed, Not, Rule
from houselights.services.audiences import Audiences
from houselights.services.builds.builds import BUILT_BY, RULE, Builds
from houselights.services.builds.makers import Array, Made, Stopped
from houselights.services.caller import Caller
from houselights.services.lookalike.defining import Features, features
from houselights.services.lookalike.model import FOLDS, Model, fit, lot
from houselights.services.privacy import rounded
from houselights.storage.control.control import Control

LOOKALIKE = "lookalike"
FACTOR_MOST = 10.0
SEED_LEAST = 50  # fewer teach a model their accidents
TELLS_NOTHING = 0.55  # an area under the curve below which the seed looks like everybody
TRAITS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What is wanted: `factor` times as many people as the audience has, from among `within` where it is given.

    With `with_seed` the members are among them, and the factor is at least 1; without, all are people from outside.
    """

    audience_id: int
    factor: float
    with_seed: bool = True
    within: Rule | None = None

    def source(self) -> dict[str, Any]:
        """Return it as the source of a build."""
        return {
            "kind": LOOKALIKE,
            "of": str(self.audience_id),
            "factor": self.factor,
            "with_seed": self.with_seed,
            "within": None if self.within is None else to_json(self.within),
        }

    @classmethod
    def of_source(cls, source: Mapping[str, Any]) -> "Expansion":
        """Read what `source` wrote."""
        within = source["within"]
        return cls(
            audience_id=int(source["of"]),
            factor=float(source["factor"]),
            with_seed=bool(source["with_seed"]),
            within=None if within is None else from_json(within),
        )


class Lookalikes:
    """The use-cases of look-alikes."""

    def __init__(self, control: Control, audiences: Audiences, builds: Builds):
        self._control = control
        self._audiences = audiences
        self._builds = builds
        builds.makers[LOOKALIKE] = self.make

    def expand(
        self,
        caller: Caller,
        wanted: Expansion,
        *,
        origin: str,
        name: str,
        description: str = "",
        asked: Mapping[str, Any] | None = None,
    ) -> Build:
        """Begin to grow an audience; it costs a credit of expansions.

        Raises NotFound for the audience, InvalidInput for the factor, InvalidRule, NoCredit.
        """
        audience = self._audiences.get(caller, wanted.audience_id)
        if audience.account_id is not None:
            why = "only audiences of the whole workspace can be grown: what grows is the whole workspace's"
            raise InvalidInput(why, field="audience")
        if not 0 < wanted.factor <= FACTOR_MOST:
            raise InvalidInput(f"the factor is more than 0 and at most {FACTOR_MOST:g}", field="factor")
        if wanted.with_seed and wanted.factor < 1:
            why = "with its own members in it, an audience cannot become smaller: the factor is at least 1"
            raise InvalidInput(why, field="factor", hint="leave the members out, or ask for more")
        if wanted.within is not None:
            self._audiences.check(caller, wanted.within)
        return self._builds.start(
            caller, origin=origin, name=name, description=description, source=wanted.source(), asked=asked,
            pays="expansions",
        )  # fmt: skip

    def make(self, caller: Caller, build: Build, snapshot: Snapshot, stop: Event) -> Made:
        """Work out who is in an expansion; the maker of this kind of builds."""

        def look() -> None:
            if stop.is_set():
                raise Stopped

        wanted = Expansion.of_source(build.source)
        audience = self._audiences.get(caller, wanted.audience_id)
        resolver = self._audiences.check(
            caller, InAudience(audience.id), universe=wanted.within or Everyone(), catalogue=snapshot.catalogue
        )
        seed = snapshot.evaluate(resolver.fixed(InAudience(audience.id)), resolver) & snapshot.index.everyone
        _must_teach(caller, len(seed))
        rest = snapshot.index.everyone - seed
        chosen_by = self._chosen_by(audience)
        learnt = features(snapshot.catalogue, chosen_by, resolver, snapshot.overlaps(seed), snapshot.index.trait_counts)
        model = _fitted(snapshot, seed, rest, learnt, look)
        # Builds leave out who opted out; they are left out here, too, so that others come in their place.
        allowed = rest & snapshot.evaluate(Not(OPTED_OUT), resolver)
        if wanted.within is not None:
            allowed = allowed & snapshot.evaluate(resolver.fixed(wanted.within), resolver)
        size = round(wanted.factor * len(seed))
        new, cut = _best(snapshot, model, allowed, size - len(seed) if wanted.with_seed else size, look)
        members = _ids(seed)
        people = np.union1d(members, new) if wanted.with_seed else new
        held = float(np.mean(model.scores(snapshot.index, members, look) >= cut)) if len(new) else None
        told = {
            "audience": str(audience.id),
            "factor": wanted.factor,
            "with_seed": wanted.with_seed,
            "limited": wanted.within is not None,
            "enough": len(people) >= size,
            "model": _told(snapshot.catalogue, model, learnt, snapshot, seed, chosen_by, held),
        }
        counts = {"seed": len(seed), "wanted": size, "new": len(new), "fitted_on": list(model.quality.fitted_on)}
        outcome = {LOOKALIKE: told | {"counts": counts}}  # counts are for those who may see them
        return Made(people, outcome, AudienceKind.LOOKALIKE, {LOOKALIKE: told})

    def _chosen_by(self, audience: Audience) -> Rule | None:
        """Return the rule by which an audience's people were chosen, None for a list somebody brought."""
        rule = from_json(audience.rule)
        number = audience.attributes.get(BUILT_BY)
        if number is not None:
            source = self._control.builds.get(audience.workspace_id, int(number)).source
            return from_json(source["rule"]) if source["kind"] == RULE else None
        return None if isinstance(rule, Listed) else rule


def _must_teach(caller: Caller, members: int) -> None:
    least = SEED_LEAST if caller.exact else max(SEED_LEAST, caller.workspace.privacy.minimum_audience)
    if members < least:
        raise InvalidInput(f"an audience is grown when it has at least {least} people", field="audience")


def _fitted(snapshot: Snapshot, seed: PeopleSet, rest: PeopleSet, learnt: Features, look: Callable[[], None]) -> Model:
    if not learnt.traits.size:
        raise NotFound("nothing is known of these people that a model could learn from")
    try:
        return fit(snapshot.index, _ids(seed), _ids(rest), learnt.traits, look)
    except ValueError as error:
        raise InvalidInput("there are too few people outside the audience to compare with", field="audience") from error


def _best(
    snapshot: Snapshot, model: Model, allowed: PeopleSet, many: int, look: Callable[[], None]
) -> tuple[Array, float]:
    """Return the `many` best of the allowed people, ids ascending, and the least score among them."""
    people = _ids(allowed)
    if many <= 0 or not len(people):
        return np.empty(0, np.int64), np.inf
    score = model.scores(snapshot.index, people, look)
    if many >= len(people):
        return people, float(score.min())
    order = np.lexsort((lot(people), -score))[:many]
    return np.sort(people[order]), float(score[order[-1]])


def _ids(people: PeopleSet) -> Array:
    return people.ids().astype(np.int64)


def _told(
    catalogue: Catalogue, model: Model, learnt: Features, snapshot: Snapshot, seed: PeopleSet, rule: Rule | None,
    held: float | None,
) -> dict[str, Any]:  # fmt: skip
    """Return what is told of a model: what it learnt from, how good it is, what speaks for and against somebody.

    Everybody who may see the audience may see it, so figures that hold the seed's share of everybody have two digits.
    """
    weights = model.weights.mean(axis=0)
    share = snapshot.overlaps(seed) / max(1, len(seed))
    # What a trait moves is its weight, and how much more common it is here than in all.
    moves = weights * np.abs(share - snapshot.index.trait_counts / max(1, snapshot.index.people))
    order = np.argsort(-moves, kind="stable")

    def named(traits: Any) -> list[dict[str, str]]:
        found = (catalogue.traits[int(each)] for each in traits)
        return [{"facet": one.facet, "key": one.key, "name": one.name} for one in found]

    quality = model.quality
    return {
        "method": "logistic regression over traits, L2 penalty",
        "auc": round(quality.auc, 4),
        "lift": {f"{share:.0%}": _coarse(lift) for share, lift in quality.lift.items()},
        "held_out": f"{FOLDS} folds; nobody is scored by a model fitted on them",
        "members_above_the_cut": None if held is None else _coarse(held),
        "tells_them_apart": quality.auc >= TELLS_NOTHING,
        "converged": quality.converged,
        "traits": {
            "learnt_from": len(learnt.traits),
            "left_out_since_the_rule_names_them": named(learnt.named_by_rule[:TRAITS_SHOWN]),
            "left_out_since_only_members_carry_them": named(learnt.only_in_seed[:TRAITS_SHOWN]),
            "left_out": len(learnt.named_by_rule) + len(learnt.only_in_seed),
            "rule_known": rule is not None,
        },
        "speaks_for": named(order[:TRAITS_SHOWN][moves[order[:TRAITS_SHOWN]] > 0]),
        "speaks_against": named(order[::-1][:TRAITS_SHOWN][moves[order[::-1][:TRAITS_SHOWN]] < 0]),
    }


def _coarse(figure: float) -> float:
    return float(rounded(np.array([figure]), 2)[0])
