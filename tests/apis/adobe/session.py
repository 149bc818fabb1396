"""Runs the curl session of the room's README and returns what it prints."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.apis.readme import readme_of


def run_session(credentials: Path) -> list[Any]:
    """Return every JSON object that the session prints."""
    script = readme_of("adobe").read_text().partition("```bash\n")[2].partition("\n```")[0]
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "CREDENTIALS": str(credentials)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return [json.loads(line) for line in run.stdout.splitlines() if line.strip()]
