"""`/export/jobs` over HTTP, and the files of a job, which are an extension."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.exporting.jobs import FAILED, NEW, SUCCEEDED, ExportJobs
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.wire import nothing, present, reply
from houselights.base.errors import InvalidInput
from houselights.model.document import StoredDocument
from houselights.services.house import House

PATH = f"{UPS}/export/jobs"
LIMIT_MOST = 1000
Asks = Annotated[Visit, Depends(visit_of)]


class ExportRoutes:
    """The endpoints."""

    def __init__(self, jobs: ExportJobs):
        self._jobs = jobs

    def list(self, visit: Asks, limit: int = 100, offset: str = "", status: str = "") -> Response:
        """List jobs, newest first; `offset` is the one that the page before gave."""
        if not 1 <= limit <= LIMIT_MOST:
            raise InvalidInput(f"limit is from 1 to {LIMIT_MOST}", field="limit")
        if status not in {"", NEW, SUCCEEDED, FAILED}:
            raise InvalidInput(f"status is one of {NEW}, {SUCCEEDED}, {FAILED}", field="status")
        found = [job for job in self._jobs.all(visit.guest) if status in {"", job.body["status"]}]
        places = [_place(job) for job in found]
        if offset and offset not in places:
            raise InvalidInput(f'"{offset}" is not an offset that was given', field="offset")
        first = places.index(offset) if offset else 0
        shown, rest = found[first : first + limit], places[first + limit :]
        page = {
            "sortField": "createdTime",
            "sort": "desc",
            "pageOffset": rest[0] if rest else "",
            "pageSize": len(shown),
        }
        following = f"/export/jobs/?limit={limit}&offset={rest[0]}" if rest else ""
        return reply(
            {"records": [written(job, visit.guest) for job in shown], "page": page, "link": {"next": following}}
        )

    def create(self, visit: Asks, body: Annotated[dict[str, Any], Body()]) -> Response:
        """Export members. The writing begins when the reply has left."""
        job = self._jobs.create(visit.guest, body)
        response = reply(written(job, visit.guest))
        response.background = BackgroundTask(self._jobs.run, visit.guest, job)
        return response

    def read(self, visit: Asks, job_id: str) -> Response:
        """Return one job."""
        return reply(written(self._jobs.get(visit.guest, job_id), visit.guest))

    def delete(self, visit: Asks, job_id: str) -> Response:
        """Forget a job, and remove its files."""
        self._jobs.delete(visit.guest, job_id)
        return nothing()

    def file(self, visit: Asks, job_id: str, name: str) -> Response:
        """Send a file of a job, as Parquet."""
        return FileResponse(self._jobs.file(visit.guest, job_id, name), media_type="application/vnd.apache.parquet")


def written(job: StoredDocument, guest: Guest) -> dict[str, Any]:
    """Write a job."""
    body = {name: value for name, value in job.body.items() if name not in {"eventFields", "files"}}
    files = [{"name": name, "href": f"{PATH}/{job.id}/files/{name}"} for name in job.body.get("files", ())]
    return present(
        id=int(job.id),
        jobType="BATCH",
        **guest.place,
        **body,
        creationTime=int(job.created_at.timestamp() * 1000),
        updateTime=int(job.updated_at.timestamp() * 1000),
        updateEpoch=int(job.updated_at.timestamp()),
        files=files or None,
    )


def _place(job: StoredDocument) -> str:
    return f"{int(job.created_at.timestamp() * 1000)}_{job.id}"


def routes(house: House, shelf: Shelf) -> APIRouter:
    """Return the router of exports."""
    endpoints = ExportRoutes(ExportJobs(house, shelf))
    router = APIRouter(tags=["Exports"])
    one = f"{PATH}/{{job_id}}"
    router.add_api_route(PATH, endpoints.list, methods=["GET"])
    router.add_api_route(PATH, endpoints.create, methods=["POST"])
    router.add_api_route(one, endpoints.read, methods=["GET"])
    router.add_api_route(one, endpoints.delete, methods=["DELETE"], status_code=204)
    router.add_api_route(f"{one}/files/{{name}}", endpoints.file, methods=["GET"], response_class=FileResponse)
    return router
