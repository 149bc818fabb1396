"""What a rule names may not be learnt from, nor what says the same."""

import numpy as np
import pytest
from tests.world import CATALOGUE

from houselights.base.errors import NotFound
from houselights.model.catalogue import Catalogue
from houselights.rules.tree import Follows, HasTrait, InAudience, Listed, Not, Or, Rule
from houselights.services.lookalike.defining import OUTSIDE_LEAST, features, traits_of_rule


def named(rule: Rule, **audiences: Rule) -> set[str]:
    def resolve(audience_id: int) -> Rule:
        try:
            return audiences[f"a{audience_id}"]
        except KeyError:
            raise NotFound("no such audience") from None

    found = traits_of_rule(rule, CATALOGUE, resolve)  # type: ignore[arg-type]  # any function of an id will do
    return {CATALOGUE.traits[each].key for each in found}


@pytest.mark.parametrize(
    ("rule", "keys"),
    [
        (HasTrait("gender", ("female",)), {"female", "male", "unknown"}),
        (HasTrait("interests", ("cooking",)), {"food", "cooking", "vegan", "baking"}),
        (Not(HasTrait("interests", ("running",))), {"sport", "running"}),
        (Follows("Chirp", ("1", "9"), 1), {"1"}),
        (Or((Listed(3), HasTrait("interests", ("travel",)))), {"travel"}),
        (HasTrait("nothing", ("at all",)), set()),
    ],
)
def test_what_is_named(rule: Rule, keys: set[str]) -> None:
    assert named(rule) == keys


def test_audiences_inside_are_followed_once() -> None:
    inside = Or((HasTrait("interests", ("travel",)), InAudience(7)))
    assert named(InAudience(7), a7=inside) == {"travel"}


def test_what_only_members_carry_is_left_out_and_said() -> None:
    catalogue: Catalogue = CATALOGUE
    everywhere = np.full(catalogue.size, 100)
    in_seed = np.full(catalogue.size, 40)
    in_seed[3] = 100 - OUTSIDE_LEAST + 1
    chosen = features(catalogue, None, lambda _: Listed(1), in_seed, everywhere)  # type: ignore[arg-type]  # as above
    assert chosen.only_in_seed == (3,)
    assert set(chosen.traits.tolist()) == set(range(catalogue.size)) - {3}
