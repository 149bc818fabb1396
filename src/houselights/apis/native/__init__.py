"""Our own words over HTTP: everything the house can do, under `/v1`. Knows no vendor."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from houselights.apis.native.errors import RESPONSES, described, too_large, wear
from houselights.apis.native.routes import (
    allowances,
    audiences,
    callbacks,
    catalogue,
    erasures,
    evaluation,
    expansions,
    imports,
    insights,
    jobs,
    languages,
    lists,
    members,
    motion,
    operation,
    operators,
    sessions,
    uploads,
)
from houselights.base.api_page import api_page
from houselights.services.house import House
from houselights.services.language import Language

PATHS = ("/v1",)
RATE = "100/second"
BODY_BYTES = 4 << 20  # a rule that names the ten thousand traits it may is a quarter of it

PARTS = (
    catalogue, audiences, expansions, members, insights, languages, imports, motion, lists, uploads, callbacks,
    evaluation, jobs, erasures, operators, allowances, sessions, operation,
)  # fmt: skip

ABOUT = """
Who is in an audience, and what those people are like.

Authenticate with a bearer token (`Authorization: Bearer …`; `houselights clients create` makes one). Ids are strings.
Shares are fractions of 1. Counts are bands, unless your client has the scope `counts:exact`. Errors are
`application/problem+json`.
"""

TAGS = [
    {"name": "catalogue", "description": "What can be asked about: facets, traits, the taxonomy of audiences."},
    {"name": "audiences", "description": "Named rules over people."},
    {"name": "members", "description": "Who is on an audience's list, and was: counts at any instant, days, members."},
    {"name": "insights", "description": "How many, and what they are like."},
    {"name": "languages", "description": "Rules in the languages of the other rooms."},
    {"name": "imports", "description": "People in."},
    {"name": "motion", "description": "Profiles and events as they arrive, and who is in which audience then."},
    {"name": "sessions", "description": "Signing in, and who may."},
    {"name": "uploads", "description": "What became of hashed records that clients sent, and tries for operators."},
    {"name": "erasures", "description": "Forgetting people, and proof of it."},
    {
        "name": "callbacks",
        "description": "What is posted to addresses that clients named, and every try to deliver it.",
    },
    {"name": "operators", "description": "Clients, their jobs and the audit log."},
    {"name": "connections", "description": "Where clients send their lists to."},
    {"name": "operation", "description": "Health, readiness, metrics."},
]


def room(
    house: House,
    *,
    rate: str = RATE,
    languages: Mapping[str, Language] | None = None,
    documents: Mapping[str, str] | None = None,
) -> ASGIApp:
    """Return the room's application; `rate` is what one client may ask, `languages` those of the other rooms.

    `documents` says where each room's OpenAPI document is.
    """
    app = _application(house, rate)
    app.state.languages = dict(languages or {})
    app.state.documents = dict(documents or {"native": "/v1/openapi.json"})

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        # The framework counts what arrives; what only announces itself as too large it would refuse in plain text.
        if scope["type"] == "http" and announced(scope) > BODY_BYTES:
            await too_large(Request(scope), BODY_BYTES)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return bounded


def announced(scope: Scope) -> int:
    """Return how many bytes a request says its body has; 0 when it does not say."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else 0


def openapi(house: House) -> dict[str, Any]:
    """Return the room's OpenAPI document."""
    return _application(house, RATE).openapi()


def _application(house: House, rate: str) -> FastAPI:
    app = FastAPI(
        title="Houselights",
        version="1",
        description=ABOUT,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        openapi_tags=TAGS,
        responses=RESPONSES,
        redirect_slashes=False,
        max_body_size=BODY_BYTES,
        servers=[{"url": house.settings.base_url}],
    )
    app.state.house = house
    app.state.rate = rate
    wear(app)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]  # how FastAPI wants its page changed
    app.add_route("/v1/docs", lambda _: HTMLResponse(api_page(app.openapi())), include_in_schema=False)
    for part in PARTS:
        app.include_router(part.router)
    return app
