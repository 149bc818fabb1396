"""The architecture is a passing test: layers, independent rooms, no import cycle."""

import subprocess
import sys
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]


def test_the_layers_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([str(command)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_there_is_no_import_cycle() -> None:
    graph = grimp.build_graph("houselights")
    breakers = graph.nominate_cycle_breakers("houselights")
    assert breakers == set(), breakers
