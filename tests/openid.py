"""A small OpenID provider that listens on a port of its own: everybody who comes is let in as who `claims` say."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "houselights", "a secret/with a slash"


@dataclass
class OpenId:
    """What the provider says. `claims` override the id token's own; `wrong` names what it does wrong."""

    base: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    wrong: str = ""
    keys: list[RSAKey] = field(default_factory=lambda: [_key()])
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def turn_keys(self) -> None:
        """Sign with another key from now on, and forget the old one."""
        self.keys = [_key()]

    def about(self) -> dict[str, Any]:
        return {
            "issuer": "https://elsewhere.example" if self.wrong == "name" else self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/keys",
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where somebody who signs in is sent back to."""
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        if self.wrong == "refuses":
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(12)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.base})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Return the status and answer of the token endpoint; a code is good once."""
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or basic != f"{CLIENT}:a%20secret%2Fwith%20a%20slash"
            or challenge != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.base, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
        }  # fmt: skip
        given = {name: value for name, value in (claims | self.claims).items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(given)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.wrong == "none":
            header, body = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, body, b"")).decode()
        if self.wrong == "shared secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.encode().ljust(32)))
        key = _key() if self.wrong == "key" else self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)}, auto_kid=False)


@contextmanager
def provided() -> Iterator[OpenId]:
    """Run a provider until the block ends."""
    provider = OpenId()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            provider.asked.append(place.path)
            match place.path:
                case "/.well-known/openid-configuration":
                    self._say(provider.about())
                case "/keys":
                    self._say(dict(KeySet(list(provider.keys)).as_dict(private=False)))
                case "/authorize":
                    asked = {name: values[0] for name, values in parse_qs(place.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(asked))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                case _:
                    self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, told = provider.token(form, self.headers.get("Authorization", ""))
            self._say(told, status)

        def _say(self, told: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
