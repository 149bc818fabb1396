"""Gives an authorization code to a client on somebody's behalf. Shows no consent page: that somebody has decided."""

from houselights.services.oauth.server import TokenReply, TokenServer


def grant_code(
    endpoint: TokenServer,
    *,
    client_id: str,
    redirect_uri: str | None,
    granted_by: str | None,
    scope: str | None = None,
    state: str | None = None,
    response_type: str = "code",
) -> TokenReply:
    """Return the redirect that takes the browser back to the client, with `code` and `state` in its query.

    `granted_by` names who agreed, for the record; None means they refused, and the redirect says `access_denied`.
    An unknown client or a redirect URI that is not the client's own gives an error to show, never a redirect.
    """
    asked = {
        "response_type": response_type,
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": state,
    }
    return endpoint.authorize({name: value for name, value in asked.items() if value is not None}, granted_by)
