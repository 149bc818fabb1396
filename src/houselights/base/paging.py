"""Page tokens: where a listing goes on, signed and dated, so that no server has to remember it.

A token says what the room put in, when it ends, and which request it belongs to. Clients cannot read meaning into it
that they could change: any change breaks the signature. It is signed, not encrypted: put nothing secret in.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from houselights.base.clock import Clock, SystemClock
from houselights.base.errors import InvalidInput

TOKEN_LENGTH_MAX = 4096  # longer ones are not ours, and are not worth a signature check


def request_fingerprint(request: Mapping[str, Any]) -> str:
    """Return a short hash of what must stay the same from page to page; the order of keys does not matter."""
    text = json.dumps(request, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class PageTokens:
    """Issues and reads page tokens with one secret (`Control.signing_key`). Thread-safe.

    Tokens end by `clock`, by default the machine's: a workspace held at a date still has pages that expire.
    """

    def __init__(self, secret: bytes, clock: Clock | None = None):
        self.clock = clock or SystemClock()
        self._signer = URLSafeSerializer(secret, salt="page", signer_kwargs={"digest_method": hashlib.sha256})

    def issue(self, payload: Mapping[str, Any], ttl_seconds: float, *, fingerprint: str = "") -> str:
        """Return a token that carries `payload` (JSON) for `ttl_seconds`, for requests with this fingerprint."""
        ends = self.clock.now() + timedelta(seconds=ttl_seconds)
        token = self._signer.dumps({"p": dict(payload), "e": ends.timestamp(), "f": fingerprint})
        return token.decode() if isinstance(token, bytes) else token

    def read(self, token: str, *, fingerprint: str = "", field: str = "nextToken") -> dict[str, Any]:
        """Return the payload of a token issued here.

        Raises InvalidInput naming `field`: for a token that is not ours or was changed, for one that has expired,
        and for one that belongs to a different request.
        """
        if len(token) > TOKEN_LENGTH_MAX or not token.isascii():
            raise InvalidInput(f"{field} is not valid", field=field)
        try:
            content = self._signer.loads(token)
        except BadData as error:
            raise InvalidInput(f"{field} is not valid", field=field) from error
        if content["e"] <= self.clock.now().timestamp():
            raise InvalidInput(f"{field} has expired", field=field, hint="start again from the first page")
        if content["f"] != fingerprint:
            raise InvalidInput(
                f"{field} belongs to another request", field=field, hint="repeat the parameters of the first request"
            )
        payload: dict[str, Any] = content["p"]
        return payload
