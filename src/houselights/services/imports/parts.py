"""The parts of a house that an import works with."""

from dataclasses import dataclass

from houselights.base.clock import Clock
from houselights.base.settings import Settings
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Where to write, what time it is, and which folders to use."""

    settings: Settings
    control: Control
    lake: Lake
    clock: Clock
