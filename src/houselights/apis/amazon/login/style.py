"""How this vendor's tokens look, and what its scopes are in our words."""

from houselights.services.oauth.style import TokenStyle

_AUDIENCES = frozenset({"audiences:read", "audiences:write", "insights:read"})

TOKEN_STYLE = TokenStyle(
    scopes={
        "advertising::campaign_management": _AUDIENCES,
        "cpc_advertising:campaign_management": _AUDIENCES,  # the name that older clients were registered with
        "advertising::audiences": frozenset({"audiences:read", "audiences:write", "imports:write"}),
        "profile": frozenset(),  # asks who the user is; here nobody but the client itself is anybody
    },
    access_prefix="Atza|",
    refresh_prefix="Atzr|",
    code_prefix="AN",
    access_seconds=3600,
    code_seconds=300,
)
# What a token can be good for in this room, whoever holds it: exact counts stay at home.
ROOM_SCOPES = frozenset().union(*TOKEN_STYLE.scopes.values())
