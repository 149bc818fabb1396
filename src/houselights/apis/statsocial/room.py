"""Puts the room together: one FastAPI application with its own envelopes and OpenAPI page, behind its own door."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from houselights.apis.statsocial.audiences import routes as audiences
from houselights.apis.statsocial.audiences.outputs import count_outputs
from houselights.apis.statsocial.audiences.uploads import match_before_builds
from houselights.apis.statsocial.callbacks import tell_of_builds
from houselights.apis.statsocial.door import Door
from houselights.apis.statsocial.errors import CODES, Fault, Rejected, envelope, faults_of, refusal
from houselights.apis.statsocial.files import routes as files
from houselights.apis.statsocial.growth import routes as growth
from houselights.apis.statsocial.insights import routes as insights
from houselights.apis.statsocial.insights.follow import draw_and_tell
from houselights.apis.statsocial.lookups import routes as lookups
from houselights.apis.statsocial.operations import methods_at
from houselights.apis.statsocial.policy import Policy
from houselights.base.api_page import api_page
from houselights.base.errors import HouselightsError
from houselights.services.house import House

ABOUT = """Audiences as clients of StatSocial's Silhouette know them.

An operator makes a bearer token (`houselights clients create`); send it along as `Authorization: Bearer …`."""


def room(house: House, policy: Policy | None = None) -> ASGIApp:
    """Return the application that answers this vendor's paths. `policy` None is read from the environment."""
    policy = policy or Policy.from_environment()
    app = FastAPI(
        title="Houselights: StatSocial room",
        version="0",
        description=ABOUT,
        openapi_url="/statsocial/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": house.settings.base_url}],
    )
    app.add_route("/statsocial/docs", lambda _: HTMLResponse(api_page(app.openapi())), include_in_schema=False)
    app.include_router(lookups.routes(house))
    app.include_router(audiences.routes(house, policy))
    app.include_router(files.routes(house))
    app.include_router(insights.routes(house, policy))
    app.include_router(growth.routes(house, policy))
    match_before_builds(house, policy)
    count_outputs(house)
    tell_of_builds(house)
    draw_and_tell(house)
    app.add_exception_handler(HouselightsError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(Exception, _broken)
    return Door(app, house, policy)


async def _refused(_request: Request, error: Exception) -> Response:
    """Answer one of our own errors."""
    assert isinstance(error, HouselightsError)
    return envelope(error)


async def _malformed(_request: Request, error: Exception) -> Response:
    """Answer a body or parameter that does not have the documented shape."""
    assert isinstance(error, RequestValidationError)
    return envelope(Rejected(faults_of(error.errors())))


async def _unrouted(request: Request, error: Exception) -> Response:
    """Answer a path or method that nothing here has."""
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}"
    headers = {"Allow": ", ".join(methods_at(request.url.path))} if error.status_code == 405 else None
    code = CODES.get(error.status_code, "INVALID_PARAMETERS")
    return refusal(error.status_code, code, message, [Fault(message)], headers)


async def _broken(_request: Request, _error: Exception) -> Response:
    """Answer a fault of ours: say nothing; the request id in the reply's headers finds the traceback in the log."""
    return refusal(500, "INTERNAL_ERROR", "Internal error", [])
