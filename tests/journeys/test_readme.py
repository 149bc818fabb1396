"""Every code block of the README, run in order as a reader would, on a smaller world and another port.

What is changed on the way: the demo's size, port and folder (through `DEMO`), which tests `make test` runs (through
`TESTS`, or this would run itself), and the two data folders, which become temporary ones.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(
    r"^```(\w*)\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
PATIENCE_SECONDS = 120

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(map(shutil.which, ("make", "bash", "curl"))), reason="needs make, bash and curl"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(data: Path, port: int, log: Path) -> Iterator[None]:
    """Run the server on a data folder until the block ends."""
    command = [str(ROOT / ".venv/bin/houselights"), "serve", "--data", str(data), "--port", str(port)]
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out) as server:
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while True:
                try:
                    httpx.get(f"http://127.0.0.1:{port}/v1/health").raise_for_status()
                    break
                except httpx.HTTPError:
                    assert server.poll() is None, log.read_text()
                    assert time.monotonic() < deadline, log.read_text()
                    time.sleep(0.2)
            yield
        finally:
            server.terminate()


def test_every_block_is_a_shell_session() -> None:
    assert BLOCKS
    assert {language for language, _ in BLOCKS} == {"bash"}


def test_every_block_of_the_readme_runs(tmp_path: Path) -> None:
    port = free_port()
    demo, own = tmp_path / "demo", tmp_path / "own"
    environment = os.environ | {
        "DEMO": f"--people 4000 --no-serve --port {port} --data {demo}",
        "TESTS": "tests/unit/base -q -p no:cacheprovider",
        "NO_COLOR": "1",
    }

    def run(block: str) -> str:
        script = block.replace("demo-data", str(demo)).replace("houselights-data", str(own))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    blocks = [text for _, text in BLOCKS]
    make_demo, make_test, ask, session, bring = blocks
    assert "4,000 people" in run(make_demo)
    assert " passed" in run(make_test)
    with serving(demo, port, tmp_path / "serve.log"):
        asked = run(ask)
        assert "Babies and toddlers" in asked or "affinity" in asked
        told = run(session)
    assert '"estimatedSize"' in told
    assert '"demographics"' in told
    assert '"audiences"' in told
    assert '"audienceName":"Parents and gamers"' in told
    assert '"status":"Active"' in told
    assert "48,842 people" in run(bring)
