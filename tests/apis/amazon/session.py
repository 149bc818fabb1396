"""The curl session of the room's README, run as it stands there."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.apis.readme import readme_of


def curl_session() -> str:
    """Return the shell commands of the session."""
    found = re.search(r"## A session with curl.*?```bash\n(.*?)```", readme_of("amazon").read_text(), re.DOTALL)
    assert found is not None
    return found.group(1)


def run_session(credentials: Path) -> list[Any]:
    """Run the session with nothing but a shell, curl and Python, and return what it printed, a JSON body a line."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "CREDENTIALS": str(credentials)}
    run = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{curl_session()}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr + run.stdout
    return [json.loads(line) for line in run.stdout.splitlines() if line]
