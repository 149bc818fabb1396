"""A server process, as somebody would run it: the demo made, served on a port, asked over HTTP, stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

HOUSELIGHTS = [sys.executable, "-c", "from houselights.cli.main import run; run()"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small demo world."""
    folder = tmp_path_factory.mktemp("demo")
    command = [*HOUSELIGHTS, "demo", "--people", "3000", "--no-serve", "--data", str(folder), "--json"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["people"] == 3000
    assert len(told["answers"]) == 3
    return folder


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two workers"])
def server(request: pytest.FixtureRequest, demo: Path) -> Iterator[str]:
    """The base URL of a running server; stopped by SIGTERM at the end, which must end it in order."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*HOUSELIGHTS, "serve", "--data", str(demo), "--port", str(port), "--workers", str(request.param)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOUSELIGHTS")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        base = f"http://127.0.0.1:{port}"
        try:
            until_ready(base, process)
            yield base
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=60)
    assert process.returncode in {0, -signal.SIGTERM}
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    # Which tests asked this server depends on how they were shared out; that it was ready, all of them asked.
    assert any(line["path"] == "/v1/ready" and line["status"] == 200 for line in lines)


def until_ready(base: str, process: subprocess.Popen[str], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended by itself"
        try:
            if httpx.get(f"{base}/v1/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server was not ready in time")


def test_somebody_looks_around_asks_and_saves(server: str, demo: Path) -> None:
    credentials = json.loads((demo / "credentials.json").read_text(encoding="utf-8"))
    headers = {"Authorization": f"Bearer {credentials['native']['token']}"}
    with httpx.Client(base_url=server, headers=headers, timeout=60) as client:

        def ask(method: str, path: str, body: Any = None, **params: Any) -> Any:
            reply = client.request(method, path, json=body, params=params)
            assert reply.status_code in {200, 201}, reply.text
            return reply.json()

        assert ask("GET", "/v1/me")["workspace"]
        roles = {facet["role"] for facet in ask("GET", "/v1/facets")["items"]}
        assert {"age", "gender", "purchase_category"} <= roles
        parents = next(
            one for one in ask("GET", "/v1/audiences", name="New parents")["items"] if one["name"] == "New parents"
        )
        size = ask("POST", "/v1/size", {"audience": parents["id"]})
        assert 0 < size["exact"] < size["universe"] == 3000
        ages = ask("POST", "/v1/insights", {"audience": parents["id"], "roles": ["age"]})
        assert sum(item["both"] for item in ages["items"]) <= size["exact"]
        told = ask("POST", "/v1/explain", {"audience": parents["id"]})
        assert told["people"]["exact"] == size["exact"]
        rule = {"and": [{"audience": parents["id"]}, {"trait": {"facet": "gender", "any_of": ["female"]}}]}
        saved = ask("POST", "/v1/audiences", {"name": f"Mothers by {server}", "rule": rule})
        assert ask("GET", f"/v1/audiences/{saved['id']}") == saved
        assert ask("POST", "/v1/size", {"audience": saved["id"]})["exact"] <= size["exact"]
        assert "houselights_requests_total" in client.get("/v1/metrics").text


def test_the_other_room_answers_on_the_same_port(server: str, demo: Path) -> None:
    keys = json.loads((demo / "credentials.json").read_text(encoding="utf-8"))["amazon"]
    form = {
        "grant_type": "refresh_token",
        "refresh_token": keys["refresh_token"],
        "client_id": keys["client_id"],
        "client_secret": keys["client_secret"],
    }
    reply = httpx.post(f"{server}/auth/o2/token", data=form, timeout=60)
    assert reply.status_code == 200, reply.text
    assert reply.json()["token_type"] == "bearer"


def test_many_ask_at_once(server: str, demo: Path) -> None:
    """Forty questions, eight at a time, give forty equal answers, and the numbers of all workers add up to them."""
    token = json.loads((demo / "credentials.json").read_text(encoding="utf-8"))["native"]["token"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"rule": {"trait": {"facet": "gender", "any_of": ["male"]}}}
    with httpx.Client(base_url=server, headers=headers, timeout=60) as client, ThreadPoolExecutor(8) as pool:
        counts = set(pool.map(lambda _: client.post("/v1/size", json=body).json()["exact"], range(40)))
        lines = client.get("/v1/metrics").text.splitlines()
    asked = next(line for line in lines if 'route="/v1/size",status="200"' in line and "requests_total" in line)
    assert len(counts) == 1
    assert float(asked.split()[-1]) >= 40
