"""Puts the room together: one FastAPI application with its own envelopes and OpenAPI page, behind its own door."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from houselights.apis.amazon.accounts import routes as accounts
from houselights.apis.amazon.admission import Admission
from houselights.apis.amazon.amc import routes as amc
from houselights.apis.amazon.door import VISIT, Door, Visit, request_id_of
from houselights.apis.amazon.dsp.combined import routes as combined
from houselights.apis.amazon.dsp.discovery import routes as discovery
from houselights.apis.amazon.dsp.insights import routes as insights
from houselights.apis.amazon.dsp.overlap import routes as overlap
from houselights.apis.amazon.errors import Detail, Kind, Problem, details_of, envelope, problem_of
from houselights.apis.amazon.login import routes as login
from houselights.apis.amazon.operations import family_at
from houselights.apis.amazon.policy import Policy
from houselights.apis.amazon.provider import routes as provider
from houselights.apis.amazon.rates import Rates
from houselights.apis.amazon.reporting import routes as reporting
from houselights.apis.amazon.sizes import BODY_BYTES, Sizes
from houselights.base.api_page import api_page
from houselights.base.errors import HouselightsError
from houselights.services.house import House

ABOUT = """Audiences as Amazon Ads clients know them: insights, discovery and combined audiences (DSP), Data Provider,
Marketing Cloud.

Get a token from `/auth/o2/token`, a profileId from `/v2/profiles`, an advertiserId from `/dsp/advertisers`, and send
them along: `Authorization`, `Amazon-Advertising-API-ClientId`, `Amazon-Advertising-API-Scope`, `?advertiserId=`."""


def room(house: House, rates: Rates | None = None, sizes: Sizes | None = None, policy: Policy | None = None) -> ASGIApp:
    """Return the application that answers this vendor's paths. What is not given is read from the environment."""
    rates, sizes = rates or Rates.from_environment(), sizes or Sizes.from_environment()
    policy = policy or Policy.from_environment()
    app = FastAPI(
        title="Houselights: Amazon Ads room",
        version="1",
        description=ABOUT,
        openapi_url="/amazon/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=BODY_BYTES,
        servers=[{"url": house.settings.base_url}],
    )
    app.add_route("/amazon/docs", lambda _: HTMLResponse(api_page(app.openapi())), include_in_schema=False)
    app.include_router(login.routes(house, rates))
    for part in (accounts, insights, discovery, overlap, combined, provider):
        app.include_router(part.routes(house))
    app.include_router(amc.routes(house, policy))
    app.include_router(reporting.routes(house))
    app.add_exception_handler(HouselightsError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(Exception, _broken)
    return Door(app, Admission(house, rates), sizes)


def _invalid_status(request: Request) -> int:
    """Return the status that this operation gives to malformed parameters."""
    visit: Visit | None = request.scope.get(VISIT)
    return 400 if visit is None else visit.operation.invalid_status


async def _refused(request: Request, error: Exception) -> Response:
    """Answer one of our own errors."""
    assert isinstance(error, HouselightsError)
    problem = problem_of(error, request_id_of(request.scope), invalid_status=_invalid_status(request))
    return envelope(family_at(request.url.path), problem)


async def _malformed(request: Request, error: Exception) -> Response:
    """Answer a body or parameter that does not have the published shape."""
    assert isinstance(error, RequestValidationError)
    details = details_of(error.errors())
    message = details[0].message if len(details) == 1 else f"{len(details)} problems were found in the request"
    problem = Problem(
        status=_invalid_status(request),
        message=message,
        request_id=request_id_of(request.scope),
        details=details,
    )
    return envelope(family_at(request.url.path), problem)


async def _unrouted(request: Request, error: Exception) -> Response:
    """Answer a path or method that nothing here has."""
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}"
    problem = Problem(
        status=error.status_code,
        message=message,
        request_id=request_id_of(request.scope),
        details=(Detail(Kind.OTHER, message),),
        allow=(error.headers or {}).get("Allow"),
    )
    return envelope(family_at(request.url.path), problem)


async def _broken(request: Request, _error: Exception) -> Response:
    """Answer a fault of ours: say nothing but the request id, which finds the traceback in the log."""
    message = "Internal error"
    request_id = request_id_of(request.scope)
    problem = Problem(status=500, message=message, request_id=request_id, details=(Detail(Kind.OTHER, message),))
    return envelope(family_at(request.url.path), problem)
