"""The web app as one application: its files, and where people come back from an outside identity provider."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from houselights.services.house import House
from houselights.web.files import Files, file_response
from houselights.web.land import PATH as LAND
from houselights.web.land import land
from houselights.web.sign_in import BACK, THERE, SignIn
from houselights.web.tables import PATH as TABLES
from houselights.web.tables import json_response, tables

FACTS = {TABLES: tables, LAND: land}
PATHS = ("/", "/web", "/favicon.ico")


def web(house: House) -> ASGIApp:
    """Return the application that serves the pages. Raises InvalidInput for a role that is configured and is none."""
    files = Files()
    settings = house.settings.sign_in
    sign_in = None if settings is None else SignIn(house, settings)

    async def answer(request: Request) -> Response:
        if sign_in is not None and request.method == "GET" and request.url.path in {THERE, BACK}:
            return await run_in_threadpool(sign_in.answer, request)
        facts = FACTS.get(request.url.path) if request.method in {"GET", "HEAD"} else None
        if facts is not None:
            return json_response(request, await run_in_threadpool(facts))
        return file_response(files, request)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await (await answer(Request(scope)))(scope, receive, send)

    return serve
