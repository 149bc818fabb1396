"""Our own words over HTTP: everything the house can do, under `/v1`. Knows no vendor."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from houselights.apis.native.errors import RESPONSES, described, wear
from houselights.apis.native.routes import (
    audiences,
    catalogue,
    evaluation,
    imports,
    insights,
    motion,
    operation,
    operators,
)
from houselights.services.house import House

PATHS = ("/v1",)
RATE = "100/second"

ABOUT = """
Who is in an audience, and what those people are like.

Authenticate with a bearer token (`Authorization: Bearer …`; `houselights clients create` makes one). Ids are strings.
Shares are fractions of 1. Counts are bands, unless your client has the scope `counts:exact`. Errors are
`application/problem+json`.
"""

TAGS = [
    {"name": "catalogue", "description": "What can be asked about: facets, traits, the taxonomy of audiences."},
    {"name": "audiences", "description": "Named rules over people."},
    {"name": "insights", "description": "How many, and what they are like."},
    {"name": "imports", "description": "People in."},
    {"name": "motion", "description": "Profiles and events as they arrive, and who is in which audience then."},
    {"name": "operators", "description": "Clients and the audit log."},
    {"name": "operation", "description": "Health, readiness, metrics."},
]


def room(house: House, *, rate: str = RATE) -> ASGIApp:
    """Return the room's application; `rate` is what one client may ask, "100/second"."""
    return _application(house, rate)


def openapi(house: House) -> dict[str, Any]:
    """Return the room's OpenAPI document."""
    return _application(house, RATE).openapi()


def _application(house: House, rate: str) -> FastAPI:
    app = FastAPI(
        title="Houselights",
        version="1",
        description=ABOUT,
        openapi_url="/v1/openapi.json",
        docs_url="/v1/docs",
        redoc_url=None,
        openapi_tags=TAGS,
        responses=RESPONSES,
        redirect_slashes=False,
        servers=[{"url": house.settings.base_url}],
    )
    app.state.house = house
    app.state.rate = rate
    wear(app)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]  # how FastAPI wants its page changed
    for part in (catalogue, audiences, insights, imports, motion, evaluation, operators, operation):
        app.include_router(part.router)
    return app
