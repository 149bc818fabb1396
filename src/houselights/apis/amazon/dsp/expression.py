"""`audienceTargetingExpression`: its shape. What it means is in `translate.py`; what it refuses is in both.

    {"audiences": [{"audienceId": "413…", "groupId": "Group 1", "negative": "false"}, …]}

The specification says that `negative` is a boolean, every published example sends a string; both are taken, and kept
as they came, because a saved expression is read back verbatim.
"""

from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictStr

from houselights.apis.amazon.wire import Asked, IdText, Text


def _yes_or_no(value: bool | str) -> bool | str:
    """Accept booleans and the strings "true" and "false", in any case. Raises ValueError for other strings."""
    if isinstance(value, str) and value.lower() not in {"true", "false"}:
        raise ValueError('negative is true or false, as a boolean or as the string "true" or "false"')
    return value


class Member(Asked):
    """One audience of one group, included or excluded."""

    audience_id: IdText = Field(description="Canonical id from /audiences/list.", examples=["413642381039213536"])
    group_id: Text = Field(description="Any string; audiences that share it form a group.", examples=["Group 1"])
    negative: Annotated[StrictBool | StrictStr, AfterValidator(_yes_or_no)] = Field(
        description='Exclude (true) or include (false) the group; a boolean, or "true"/"false".', examples=["false"]
    )

    @property
    def excluded(self) -> bool:
        """What `negative` says."""
        return self.negative if isinstance(self.negative, bool) else self.negative.lower() == "true"


class InsightExpression(Asked):
    """An expression as the insights take it: at most 5,500 audiences, 500 in a group."""

    audiences: Annotated[list[Member], Field(min_length=1, max_length=5500)]


class CombinedExpression(Asked):
    """An expression as combined audiences take it: at most 100 audiences."""

    audiences: Annotated[list[Member], Field(min_length=1, max_length=100)]
