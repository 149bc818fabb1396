"""`houselights serve`: the API over HTTP. Refuses to serve an empty house, or where something else listens."""

import os
import socket
import tempfile
from typing import Annotated

import typer
import uvicorn

from houselights.base.errors import InvalidInput
from houselights.base.settings import Settings
from houselights.cli.asker import DataOption, open_settled

app = typer.Typer(add_completion=False)

# How long a shutdown waits for answers under way.
DRAIN_SECONDS = 10


@app.command(epilog="Example: houselights serve --data demo-data --port 8080 --workers 4")
def serve(
    data: DataOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes; each maps the same index.")] = 1,
) -> None:
    """Serve what is in the data folder. Logs are JSON, a line a request, on standard error."""
    settings = Settings.from_environment(data, base_url=os.environ.get("HOUSELIGHTS_BASE_URL", f"http://{host}:{port}"))
    check_port(host, port)
    open_settled(settings).control.close()
    run_server(settings, host=host, port=port, workers=workers)


def check_port(host: str, port: int) -> None:
    """Raise InvalidInput when nobody could listen there: the server would say so late, and not as a refusal."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = f"cannot listen on {host}, port {port}: {(error.strerror or str(error)).lower()}"
            raise InvalidInput(why, field="port", hint="choose another with --port") from error


def run_server(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until interrupted. Settings reach the worker processes through the environment."""
    os.environ["HOUSELIGHTS_DATA"] = str(settings.data)
    os.environ["HOUSELIGHTS_BASE_URL"] = settings.base_url
    with tempfile.TemporaryDirectory(prefix="houselights-metrics-") as folder:
        if workers > 1:
            # Read when prometheus_client is imported, which in a worker is later than this.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        uvicorn.run(
            "houselights.app:from_environment",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
