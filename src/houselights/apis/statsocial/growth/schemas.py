"""Shapes of requests about expansions and universes."""

import math
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from houselights.apis.statsocial.audiences.fields import Name, Url
from houselights.apis.statsocial.audiences.schemas import Wishes
from houselights.apis.statsocial.wire import Asked
from houselights.services.lookalike.expand import FACTOR_MOST


def _number(value: object) -> object:
    """Let a number be written as a text, as the vendor's own example has it. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError("the factor is a number")
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            raise ValueError(f'"{value}" is no number') from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("the factor is a number")
    return value


class Growth(Wishes):
    """An expansion: how many times as many people, with or without the audience's own, and under which conditions.

    Without a word about its own people they are kept. `reapply_filters` and `reapply_exclusions` let nobody in whom the
    parameters of the audience with AND or NOT would keep out.
    """

    expansion_factor: Annotated[float, BeforeValidator(_number), Field(gt=0, le=FACTOR_MOST)]
    expansion_name: Name | None = None
    include_seed: bool | None = None
    remove_seed: bool | None = None
    reapply_filters: bool = False
    reapply_exclusions: bool = False

    @property
    def with_seed(self) -> bool:
        """Whether the audience's own people are in the expansion."""
        return not self.remove_seed if self.include_seed is None else self.include_seed

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.include_seed and self.remove_seed:
            raise ValueError("include_seed and remove_seed contradict each other")
        if self.with_seed and self.expansion_factor < 1:
            raise ValueError("with the audience's own people in it the expansion_factor is at least 1; or remove_seed")
        return self


class NewUniverse(Asked):
    """A universe to work out, and who hears of it."""

    callback_url: Url | None = None
