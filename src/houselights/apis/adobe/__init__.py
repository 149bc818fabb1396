"""The Adobe Experience Platform room: its expression language, and the segmentation API around it."""

from houselights.apis.adobe.dialect import LANGUAGE
from houselights.apis.adobe.login.style import TOKEN_STYLE
from houselights.apis.adobe.operations import PATHS
from houselights.apis.adobe.room import room

__all__ = ["LANGUAGE", "PATHS", "TOKEN_STYLE", "room"]
