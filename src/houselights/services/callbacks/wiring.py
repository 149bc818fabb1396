"""Puts the parts of callbacks together: what rooms ask, and the sender that whoever serves starts."""

from dataclasses import dataclass
from threading import Event

from houselights.base.clock import Clock, SystemClock
from houselights.services.audit import Audit
from houselights.services.callbacks.addresses import Addresses, Resolve, resolved
from houselights.services.callbacks.callbacks import Callbacks
from houselights.services.callbacks.post import Poster
from houselights.services.callbacks.sender import Sender
from houselights.services.callbacks.sending import Sending
from houselights.services.imports.parts import Parts


@dataclass(frozen=True, slots=True)
class Calling:
    """Callbacks, and the sender that delivers them."""

    callbacks: Callbacks
    sender: Sender


def calling(parts: Parts, audit: Audit, *, machine: Clock | None = None, resolve: Resolve = resolved) -> Calling:
    """Wire them. `machine` tells the time of tries, `resolve` what names mean."""
    control, settings, news = parts.control, parts.settings.callbacks, Event()
    clock = machine or SystemClock()
    callbacks = Callbacks(control, clock, audit, news.set)
    poster = Poster(settings.timeout_seconds, settings.answer_bytes)
    sending = Sending(control, callbacks, clock, Addresses(settings, resolve), poster, settings)
    return Calling(callbacks, Sender(control, callbacks, sending, clock, settings, news))
