"""People get their ids without a word on standard output, which belongs to the answer."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from houselights.services.imports.keys import People
from houselights.services.imports.staging import Stage


def stage_of(folder: Path, keys: list[str]) -> Stage:
    with Stage(folder, "people[0]") as stage:
        stage.add_keys(pa.array(keys), "people.csv", np.arange(len(keys)))
    return stage


def test_ids_are_given_in_the_order_of_meeting(tmp_path: Path) -> None:
    with People(tmp_path) as people:
        known = pa.table({"key": ["b", "gone"], "person_id": pa.array([4, 5], pa.int64())}).to_reader()
        stage = stage_of(tmp_path, ["c", "b", "a"])
        people.resolve([stage], known, 6)
        assert people.rows(stage).tolist() == [6, 4, 7]
        assert (people.count, people.capacity) == (3, 8)


ASK = """
import pathlib, sys
from houselights.services.imports.keys import People
with People(pathlib.Path(sys.argv[1])) as people:
    print(people._connection.sql("SELECT current_setting('enable_progress_bar')").fetchall())
"""


def test_nothing_is_drawn_even_where_duckdb_believes_somebody_is_looking(tmp_path: Path) -> None:
    """A process without a script file, as a notebook is, has DuckDB's bar on unless it is told otherwise."""
    told = subprocess.run([sys.executable, "-c", ASK, str(tmp_path)], capture_output=True, text=True, check=True)
    assert told.stdout == "[(False,)]\n"
