"""From nothing to answers: make the demo world, serve it, and hold the session of the room's README with it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from houselights.app import build_house, create_app
from houselights.base.settings import Settings
from tests.apis.amazon.serving import serving
from tests.apis.amazon.session import run_session

pytestmark = pytest.mark.slow


def test_the_demo_answers_a_client_with_nothing_but_its_credentials(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    command = [str(Path(sys.executable).with_name("houselights")), "demo", "--people", "5000", "--no-serve"]
    made = subprocess.run([*command, "--data", str(data)], capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stderr
    credentials = data / "credentials.json"
    with serving(create_app(build_house(Settings.from_environment(data=data)))) as base_url:
        known = json.loads(credentials.read_text()) | {"base_url": base_url}
        credentials.write_text(json.dumps(known))
        size, demographics, overlaps, combined, *provided = run_session(credentials, "A customer list with curl")
        added, *_, back = run_session(credentials, "An advertiser audience with curl")[4:]
        *_, matched, _, chosen, _ = run_session(credentials, "SQL with curl")
    assert size["estimatedSize"]["min"] == 0
    assert demographics["demographics"]["age"]
    assert overlaps["audiences"]
    affinities = [row["insightMetrics"]["affinity"] for row in overlaps["audiences"]]
    assert affinities == sorted(affinities, reverse=True)
    members = combined["expression"]["audienceTargetingExpression"]["audiences"]
    assert [member["negative"] for member in members] == ["false", "false"]
    assert added["jobState"] == "SUCCEEDED"
    assert back["metadata"]["audienceSize"]["dspAudienceSize"] > 100
    (row,) = matched
    assert int(row["matched_users"]) > 100
    assert (chosen["status"], chosen["audienceName"]) == ("SUCCEEDED", "Chosen by SQL")
    hashed, patched, told, banded, forgotten = provided
    received = hashed["job"]["receivedRecordSize"]
    assert hashed["job"]["status"] == patched["job"]["status"] == forgotten["job"]["status"] == "SUCCEEDED"
    # four in five are people of the demo, and the number goes in steps of twenty-five
    known = told["audience"]["metadata"]["audienceSize"]
    assert known["receivedRecordSize"] == received
    assert known["matchedRecordSize"] == received * 4 // 5 // 25 * 25
    assert banded["estimatedSize"]["min"] == 0
