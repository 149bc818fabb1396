"""The StatSocial room: Silhouette audiences, look-ups and credits, in the words of its clients."""

from houselights.apis.statsocial.dialect import LANGUAGE
from houselights.apis.statsocial.operations import PATHS
from houselights.apis.statsocial.room import room

__all__ = ["LANGUAGE", "PATHS", "room"]
