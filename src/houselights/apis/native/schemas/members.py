"""Shapes of memberships: counts at an instant, days, and single members."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from houselights.apis.native.schemas.common import Id
from houselights.apis.native.schemas.insights import Counted


class MembersAt(BaseModel):
    """How many people were members at an instant."""

    audience: Id
    people: Counted
    as_of: datetime


class Day(BaseModel):
    """One day, in UTC. Who was taken off was not on it too long; who came twice without leaving came once."""

    day: date
    added: Counted = Field(description="People who came onto the list.")
    removed: Counted = Field(description="People who were taken off it.")
    expired: Counted = Field(description="People who had been on it for as long as it keeps anybody.")
    members: Counted = Field(description="People on it when the day ended; of today, now.")


class History(BaseModel):
    """Days in their order."""

    audience: Id
    days: list[Day]


class Member(BaseModel):
    """Somebody on a list."""

    id: Id
    key: str = Field(description="The company's own key.")
    since: datetime = Field(description="When they were last put on it.")
