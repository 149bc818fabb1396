"""Shapes of requests about insights."""

from datetime import date
from typing import Annotated

from pydantic import AliasChoices, Field

from houselights.apis.statsocial.audiences.fields import Url, one_of
from houselights.apis.statsocial.audiences.schemas import About, Wishes
from houselights.apis.statsocial.insights.baselines import BASELINES, GLOBAL
from houselights.apis.statsocial.wire import Asked

BaselineName = Annotated[str, one_of(*BASELINES)]


class NewInsight(Asked):
    """Insights to work out, and who hears of them."""

    insight_callback_url: Url | None = Field(
        None, validation_alias=AliasChoices("insight_callback_url", "insights_callback_url", "callback_url")
    )


class PublicLink(Asked):
    """A link by which insights are read without a token: until the end of a day, or for good."""

    baseline: BaselineName = GLOBAL
    expire_at: date | None = None


class FromCluster(Wishes):
    """An audience of a cluster's people; without a name it is called after both."""

    audience: About | None = None
