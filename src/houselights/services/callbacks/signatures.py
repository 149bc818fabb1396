"""Signs callbacks, so that a receiver can tell ours from anybody's: the scheme of Standard Webhooks, version 1.

Three headers go along: `webhook-id`, the same at every try; `webhook-timestamp`, seconds; `webhook-signature`,
`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. A client's key is derived from a secret of the deployment,
so nothing has to be kept for it; it is shown as `whsec_` and base64.
"""

import base64
import hashlib
import hmac

from houselights.model.callback import Callback
from houselights.storage.control.control import Control

SECRET = "callback_secret"
PREFIX = "whsec_"


def key_of(control: Control, workspace_id: int, client_id: int | None) -> bytes:
    """Return the 32 bytes that sign the callbacks of one client."""
    name = f"callbacks:{workspace_id}:{'' if client_id is None else client_id}"
    return hmac.new(control.secrets.get(SECRET), name.encode(), hashlib.sha256).digest()


def shown(key: bytes) -> str:
    """Return a key as a receiver's library takes it."""
    return PREFIX + base64.b64encode(key).decode()


def signed(callback: Callback, key: bytes, body: bytes, seconds: int) -> dict[str, str]:
    """Return the headers that sign a body sent at an instant, in whole seconds since 1970."""
    text = b".".join((callback.id.encode(), str(seconds).encode(), body))
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": callback.id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }
