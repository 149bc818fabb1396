"""The Amazon Ads room: DSP insights and audiences, and audiences of uploaded people, in the words of its clients."""

from houselights.apis.amazon.dialect import LANGUAGE
from houselights.apis.amazon.login.style import TOKEN_STYLE
from houselights.apis.amazon.operations import PATHS
from houselights.apis.amazon.room import room

__all__ = ["LANGUAGE", "PATHS", "TOKEN_STYLE", "room"]
