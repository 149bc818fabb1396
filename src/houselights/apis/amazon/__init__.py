"""The Amazon DSP room: insights, discovery and combined audiences in the words of that vendor's clients."""

from houselights.apis.amazon.login.style import TOKEN_STYLE
from houselights.apis.amazon.operations import PATHS
from houselights.apis.amazon.room import room

__all__ = ["PATHS", "TOKEN_STYLE", "room"]
