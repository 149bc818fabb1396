"""The curl session of the room's README, run as it stands there, against a real server."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import LAMPS, PROFILE
from tests.apis.amazon.readme import README

SESSION = re.search(r"## A session with curl.*?```bash\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.fixture
def credentials(stage: Stage, tmp_path: Path) -> Path:
    """What `houselights demo` leaves behind."""
    path = tmp_path / "credentials.json"
    amazon = {
        "client_id": stage.client.client.client_id,
        "client_secret": stage.client.secret,
        "refresh_token": stage.client.refresh_token,
        "profile_id": str(PROFILE),
        "advertiser_id": str(LAMPS),
        "entity_id": "ENTITY1STAGELEFT",
    }
    path.write_text(json.dumps({"base_url": str(stage.http.base_url).rstrip("/"), "amazon": amazon}))
    return path


@pytest.mark.covers("curl")
def test_the_session_runs_and_says_what_it_promises(credentials: Path) -> None:
    assert SESSION is not None
    script = f"set -euo pipefail\n{SESSION.group(1)}"
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "CREDENTIALS": str(credentials)}
    run = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr + run.stdout
    size, demographics, overlaps, combined = map(_json, filter(None, run.stdout.splitlines()))
    assert size["estimatedSize"] == {"min": 0, "max": 10000}
    assert demographics["demographics"]["age"]
    assert overlaps["audiences"]
    assert combined["audienceName"] == "In market and interested"
    assert combined["status"] == "Active"


def _json(line: str) -> Any:
    return json.loads(line)
