"""Health, readiness, metrics: for load balancers and monitors. Asks for no token and says nothing of anybody."""

from importlib.metadata import version

from fastapi import APIRouter, Response

from houselights.apis.native.asking import HouseIn
from houselights.apis.native.schemas.operations import Health, Ready
from houselights.services.telemetry import CONTENT_TYPE

router = APIRouter(tags=["operation"])


@router.get("/v1/health")
def health() -> Health:
    """Say that the process answers."""
    return Health(status="ok", version=version("houselights"))


@router.get("/v1/ready", responses={503: {"model": Ready, "description": "No workspace has people yet"}})
def ready(house: HouseIn, response: Response) -> Ready:
    """Say whether questions can be answered: the control database does, and some workspace has people."""
    numbers = [house.control.generations.current_number(one.id) for one in house.control.workspaces.list()]
    serving = sum(number is not None for number in numbers)
    response.status_code = 200 if serving else 503
    return Ready(status="ready" if serving else "empty", workspaces=serving)


@router.get("/v1/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(house: HouseIn) -> Response:
    """Return the process's numbers in Prometheus' text format."""
    return Response(house.telemetry.exposition(), media_type=CONTENT_TYPE)
