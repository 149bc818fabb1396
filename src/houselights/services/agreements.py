"""Agreements: a text that a client must accept before it may do something, and whether it has.

The token that stands for a text is signed for one client, so that nobody accepts what was not shown to them. Another
text is another agreement: who accepted the old one is asked again.
"""

import hashlib
import hmac
from dataclasses import dataclass

from houselights.base.clock import Clock
from houselights.base.errors import InvalidInput, NotFound
from houselights.model.workspace import Client
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.connections import client_of
from houselights.storage.control.control import Control

KIND = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A text as one client sees it: with the token that accepts it, and whether that was done."""

    text: str
    token: str
    accepted: bool


class Agreements:
    """The use-cases of agreements. `subject` names what they are about, `text` is the one in force."""

    def __init__(self, control: Control, clock: Clock, audit: Audit):
        self._control = control
        self._clock = clock
        self._audit = audit

    def offered(self, caller: Caller, subject: str, text: str) -> Agreement:
        """Return the agreement as the caller's client sees it."""
        client = client_of(caller)
        token = self._token(client, subject, text)
        try:
            stored = self._control.documents.get(caller.workspace.id, KIND, _key(client, subject))
        except NotFound:
            return Agreement(text=text, token=token, accepted=False)
        return Agreement(text=text, token=token, accepted=stored.body["text"] == _digest(text))

    def answer(self, caller: Caller, subject: str, text: str, *, token: str, accepted: bool) -> Agreement:
        """Accept the text, or take the acceptance back. Raises InvalidInput for a token that was not given out for it.

        Doing either twice changes nothing.
        """
        client = client_of(caller)
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token(client, subject, text).encode()):
            raise InvalidInput("the token does not belong to the text in force", field="token")
        before = self.offered(caller, subject, text)
        if before.accepted is not accepted:
            key, now = _key(client, subject), self._clock.now()
            body = {"text": _digest(text) if accepted else None}
            self._control.documents.put(caller.workspace.id, KIND, key, body, now)
            self._audit.record(caller, "agreement.accept" if accepted else "agreement.withdraw", subject)
        return Agreement(text=text, token=before.token, accepted=accepted)

    def _token(self, client: Client, subject: str, text: str) -> str:
        said = f"{client.workspace_id}/{client.id}/{subject}/{_digest(text)}"
        return hmac.new(self._control.signing_key(), said.encode(), hashlib.sha256).hexdigest()


def _key(client: Client, subject: str) -> str:
    return f"{client.id}/{subject}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
