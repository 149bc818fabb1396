"""Sessions of people: a cookie that scripts cannot read, and a word of proof that other sites cannot send.

The cookie carries the token. Whoever comes with the cookie and wants to change something must also send the proof in a
header: it is derived from the token, is told to the signed-in page alone, and no other site can read or set it.
"""

import hashlib
import hmac
from datetime import datetime

from fastapi import Request, Response

from houselights.base.errors import NotAllowed
from houselights.base.session_cookie import COOKIE, session_cookie
from houselights.services.house import House

PROOF_HEADER = "Houselights-Proof"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def proof_of(house: House, token: str) -> str:
    """Return the word that must come with a session's cookie when something is to be changed."""
    return hmac.new(house.control.signing_key(), b"session:" + token.encode(), hashlib.sha256).hexdigest()


def session_token(request: Request, house: House) -> str | None:
    """Return the token in the session's cookie, None without one. Raises NotAllowed for a change without the proof."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    sent = request.headers.get(PROOF_HEADER, "")
    if request.method not in SAFE and not hmac.compare_digest(sent.encode(), proof_of(house, token).encode()):
        raise NotAllowed(
            f"a change asked for with the session's cookie needs the header {PROOF_HEADER}",
            field=PROOF_HEADER,
            hint='"GET /v1/session" tells the word',
        )
    return token


def keep(response: Response, house: House, token: str, expires_at: datetime) -> None:
    """Put a session's token into its cookie."""
    response.set_cookie(**session_cookie(token, expires_at, house.settings.base_url))


def drop(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, path="/")
