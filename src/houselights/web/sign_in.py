"""Signing in with the outside identity provider: the way there, and the way back with a session.

What must be the same on the way back (state, nonce, the verifier of the code) travels in a signed cookie of ten minutes
that only the way back sees. Whoever comes back without it, or with another's answer, is sent to the sign-in page with
a word for why; the log has the rest. Refuses people whom the provider gives none of the roles.
"""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from houselights.base.errors import HouselightsError, NotAllowed, NotAuthenticated, NotFound, TooManyRequests
from houselights.base.logs import logger
from houselights.base.session_cookie import session_cookie
from houselights.base.sign_in_settings import ANYBODY, SignInSettings
from houselights.model.workspace import Workspace
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.operators import ROLES, scopes_of
from houselights.web.provider import Provider

THERE, BACK = "/web/sign-in", "/web/sign-in/callback"
COOKIE = "houselights_sign_in"
SECONDS = 600
ATTEMPTS = "60/minute"  # from one address, behind which there may be a whole office

log = logger("sign-in")


class SignIn:
    """The two addresses, for one house and its provider. Raises InvalidInput for a role there is not."""

    def __init__(self, house: House, settings: SignInSettings, provider: Provider | None = None):
        for role in settings.roles.values():
            scopes_of(role)
        self._house = house
        self._settings = settings
        self._provider = provider or Provider(settings)
        self._kept = URLSafeTimedSerializer(house.control.signing_key(), salt="sign-in")
        self._secure = house.settings.base_url.startswith("https:")
        self._redirect_uri = house.settings.base_url.rstrip("/") + BACK

    def answer(self, request: Request) -> Response:
        """Answer either of the two. It may wait for the provider: call it where waiting is allowed."""
        try:
            self._house.throttle.check(f"sign-in outside:{request.client and request.client.host}", ATTEMPTS)
            return self._there() if request.url.path == THERE else self._back(request)
        except HouselightsError as error:
            log.warning("refused", why=error.message, request_id=getattr(request.state, "request_id", ""))
            return self._finished(f"/?{urlencode({'refused': _word(error)})}")

    def _there(self) -> Response:
        kept = {name: secrets.token_urlsafe(48) for name in ("state", "nonce", "verifier")}
        response = _see(self._provider.address(redirect_uri=self._redirect_uri, **kept))
        response.set_cookie(
            COOKIE,
            str(self._kept.dumps(kept)),
            max_age=SECONDS,
            path=THERE,
            httponly=True,
            secure=self._secure,
            samesite="lax",  # the way back is a link from another site
        )
        return response

    def _back(self, request: Request) -> Response:
        try:
            kept = self._kept.loads(request.cookies.get(COOKIE, ""), max_age=SECONDS)
        except BadData as error:
            raise NotAuthenticated("the sign-in did not begin here, or took too long") from error
        told = request.query_params
        if not hmac.compare_digest(told.get("state", "").encode(), kept["state"].encode()):
            raise NotAuthenticated("the answer belongs to another sign-in")
        issuer = self._settings.issuer
        if told.get("iss", issuer) != issuer:  # RFC 9207: another provider's answer
            raise NotAuthenticated("the answer is another provider's")
        if "code" not in told:
            raise NotAuthenticated(f"the identity provider refuses: {told.get('error', 'it sends no code')[:100]}")
        claims = self._provider.claims(
            told["code"], redirect_uri=self._redirect_uri, nonce=kept["nonce"], verifier=kept["verifier"]
        )
        session = self._house.operators.vouched_for(
            Caller.local(self._workspace()),
            issuer=self._settings.issuer,
            subject=claims["sub"],
            name=_called(claims),
            role=self._role(claims),
        )
        response = self._finished("/")
        response.set_cookie(**session_cookie(session.token, session.expires_at, self._house.settings.base_url))
        return response

    def _role(self, claims: Mapping[str, Any]) -> str:
        """Return the strongest role that a claim's values give. Raises NotAllowed when they give none."""
        roles, values = self._settings.roles, claims.get(self._settings.role_claim)
        held = {roles[value] for value in _texts(values) if value in roles and value != ANYBODY}
        if not held and ANYBODY in roles:
            held = {roles[ANYBODY]}
        if not held:
            raise NotAllowed(f"the identity provider gives {_called(claims)} none of the roles")
        return max(held, key=list(ROLES).index)

    def _workspace(self) -> Workspace:
        """Return where people sign in. Raises NotFound when that is none or any of several."""
        workspaces = self._house.control.workspaces
        found = [workspaces.by_name(self._settings.workspace)] if self._settings.workspace else workspaces.list()
        if len(found) != 1 or found[0] is None:
            raise NotFound("HOUSELIGHTS_OIDC_WORKSPACE names the workspace that people sign in to")
        return found[0]

    def _finished(self, to: str) -> Response:
        response = _see(to)
        response.delete_cookie(COOKIE, path=THERE)
        return response


def _see(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _word(error: HouselightsError) -> str:
    """Return what the sign-in page is told; it has the sentences, so that no link can put its own there."""
    match error:
        case NotAllowed():
            return "role"
        case TooManyRequests():
            return "often"
        case NotAuthenticated():
            return "answer"
        case _:
            return "provider"


def _called(claims: Mapping[str, Any]) -> str:
    names = (claims.get(name) for name in ("preferred_username", "email", "name", "sub"))
    return next(name for name in names if isinstance(name, str) and name.strip())


def _texts(values: Any) -> list[str]:
    """Return a claim's values; some providers send one for one, and a list for several."""
    return [each for each in (values if isinstance(values, list) else [values]) if isinstance(each, str)]
