"""Puts the room together: one FastAPI application with its own envelopes and OpenAPI page, behind its own door."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from houselights.apis.adobe import definitions, entities, jobs, previews, search
from houselights.apis.adobe.admission import Admission
from houselights.apis.adobe.audiences import members
from houselights.apis.adobe.audiences import routes as audiences
from houselights.apis.adobe.audiences.members import BYTES_MOST
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.config import policy_routes as policies
from houselights.apis.adobe.config import schedule_routes as schedules
from houselights.apis.adobe.door import Door, request_id_of
from houselights.apis.adobe.errors import UNREADABLE, envelope, malformed, service
from houselights.apis.adobe.exporting import routes as exports
from houselights.apis.adobe.login import routes as login
from houselights.apis.adobe.operations import methods_at
from houselights.base.api_page import api_page
from houselights.base.errors import HouselightsError
from houselights.services.house import House

ABOUT = """The Segmentation API as clients of Adobe Experience Platform know it.

Get a token from `/ims/token/v3` and send it along with `x-api-key`, `x-gw-ims-org-id` and `x-sandbox-name`."""


def room(house: House, rate: str | None = None) -> ASGIApp:
    """Return the application that answers this vendor's paths. `rate` None reads it from the environment."""
    app = FastAPI(
        title="Houselights: Adobe Experience Platform room",
        version="1",
        description=ABOUT,
        openapi_url="/adobe/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=BYTES_MOST,
        servers=[{"url": house.settings.base_url}],
    )
    app.add_route("/adobe/docs", lambda _: HTMLResponse(api_page(app.openapi())), include_in_schema=False)
    shelf = Shelf(house)
    app.include_router(login.routes(house))
    for of_audiences in (audiences, definitions, search):
        app.include_router(of_audiences.routes(shelf))
    for of_both in (members, jobs, previews, exports, entities):
        app.include_router(of_both.routes(house, shelf))
    for of_house in (policies, schedules):
        app.include_router(of_house.routes(house))
    app.add_exception_handler(HouselightsError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(Exception, _broken)
    return Door(app, Admission(house, rate))


async def _refused(request: Request, error: Exception) -> Response:
    """Answer one of our own errors."""
    assert isinstance(error, HouselightsError)
    return envelope(error, request_id_of(request.scope))


async def _malformed(request: Request, error: Exception) -> Response:
    """Answer a body or parameter that does not have the documented shape."""
    assert isinstance(error, RequestValidationError)
    return service(400, UNREADABLE, malformed(error.errors()), request_id_of(request.scope))


async def _unrouted(request: Request, error: Exception) -> Response:
    """Answer a path or method that nothing here has."""
    assert isinstance(error, HTTPException)
    code = str(error.status_code)
    message = f"{request.method} {request.url.path}: {error.detail}"
    found = [{"code": code, "message": message}]
    allow = {"Allow": ", ".join(methods_at(request.url.path))} if error.status_code == 405 else None
    return service(error.status_code, code, found, request_id_of(request.scope), allow)


async def _broken(request: Request, _error: Exception) -> Response:
    """Answer a fault of ours: say nothing but the request id, which finds the traceback in the log."""
    return service(500, "500", [{"code": "500", "message": "Internal error"}], request_id_of(request.scope))
