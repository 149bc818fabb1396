"""The curl sessions of the room's README, run as they stand there."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.apis.readme import readme_of

BEGINNING = "A session with curl"


def commands(heading: str) -> str:
    """Return the shell commands below a heading."""
    found = re.search(rf"## {re.escape(heading)}\n.*?```bash\n(.*?)```", readme_of("amazon").read_text(), re.DOTALL)
    assert found is not None, heading
    return found.group(1)


def run_session(credentials: Path, *more: str) -> list[Any]:
    """Run the session, and those below the headings `more` after it in the same shell; return what they printed.

    There is nothing but a shell, curl and Python; every line printed is a JSON body.
    """
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "CREDENTIALS": str(credentials)}
    if (customers := credentials.with_name("customers.csv")).exists():  # else those of the demo's company
        environment["CUSTOMERS"] = str(customers)
    session = "\n".join(map(commands, (BEGINNING, *more)))
    run = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{session}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr + run.stdout
    return [json.loads(line) for line in run.stdout.splitlines() if line]
