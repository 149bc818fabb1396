"""The cookie of somebody's session in the web app: its name, and what browsers are told about it."""

from datetime import datetime
from typing import Any

COOKIE = "houselights_session"


def session_cookie(token: str, expires_at: datetime, base_url: str) -> dict[str, Any]:
    """Return the cookie as arguments of a response's `set_cookie`: no script reads it, no other site sends it along.

    It travels over TLS alone where `base_url`, the address that people use, is one of https.
    """
    return {
        "key": COOKIE,
        "value": token,
        "expires": expires_at,
        "path": "/",
        "httponly": True,
        "secure": base_url.startswith("https:"),
        "samesite": "lax",
    }
