"""Who works out the members of a build: one maker for each kind of source. `rule` is the house's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from houselights.engine.snapshot import Snapshot
from houselights.model.audience import AudienceKind
from houselights.model.build import Build
from houselights.services.caller import Caller

Array = np.ndarray[Any, Any]


class Stopped(Exception):
    """A maker saw that it was told to stop."""


@dataclass(frozen=True, slots=True)
class Made:
    """Whom a maker found (person ids, ascending, each once) and what it tells beside that, fit for JSON.

    Without `people` it is a report: nothing but what it tells is kept. `kind` and `attributes` are those of the house's
    audience.
    """

    people: Array | None
    outcome: Mapping[str, Any] = field(default_factory=dict)
    kind: AudienceKind = AudienceKind.CUSTOM
    attributes: Mapping[str, Any] = field(default_factory=dict)


# Given who asked, the build, the one generation to work on, and what to look at now and then: once set, raise Stopped.
Maker = Callable[[Caller, Build, Snapshot, Event], Made]

# Brings up to date what a build rests on, such as uploaded lists, before the generation is taken that it is worked out
# on. Repeated after a crash. An error of the house fails the build with its words.
Preparation = Callable[[Caller, Build, Event], None]

# Says something about the members found, before they are kept; it stands in the build's outcome, fit for JSON.
Measure = Callable[[Caller, Build, Snapshot, Array, Event], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Follower:
    """What a room does when a build of its own has ended, well or not.

    `write` runs inside the transaction that ends the build and only writes rows (a callback to deliver, insights to
    work out): so it happens exactly once, whatever dies when. `wake` runs after it and may be lost. Of followers of one
    `name`, the last counts.
    """

    write: Callable[[Connection, Build], None]
    wake: Callable[[], None] = lambda: None
    name: str = ""
