"""People get their ids without a word on standard output, which belongs to the answer."""

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


def test_nothing_is_drawn(tmp_path: Path) -> None:
    with People(tmp_path) as people:
        setting = people._connection.sql("SELECT current_setting('enable_progress_bar')").fetchall()
        assert setting == [(False,)]
