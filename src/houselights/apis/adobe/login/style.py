"""How this vendor's tokens look. Its scopes say who is asked about, not what may be done: each grants all there is."""

from houselights.model.workspace import SCOPES
from houselights.services.oauth.style import TokenStyle

# What a token can be good for in this room, whoever holds it: clients are managed elsewhere.
ROOM_SCOPES = frozenset(SCOPES) - {"operator"}
WORDS = (
    "openid",
    "AdobeID",
    "session",
    "read_organizations",
    "read_pc.dma_tartan",
    "additional_info.projectedProductContext",
    "additional_info.job_function",
    "additional_info.roles",
    "adobeio_api",
)

TOKEN_STYLE = TokenStyle(
    scopes=dict.fromkeys(WORDS, ROOM_SCOPES),
    access_prefix="hla_",
    access_seconds=86_399,
    grants=("client_credentials",),
)
