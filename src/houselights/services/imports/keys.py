"""Who is who by the company's own key: gives every person of the people sources an id, and every staged row its person.

Ids are dense, given in the order in which people are first met, kept for as long as a person stays, and never reused:
a person who leaves makes a hole, and one who comes back is a new person. Where the population file links keys, several
may be one person (linking.py). DuckDB does the joins, on disk where they do not fit in its memory.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from houselights.base.errors import InvalidInput
from houselights.services.imports.hold_back import HeldBack, hold_back
from houselights.services.imports.linking import link_people
from houselights.services.imports.population import Link
from houselights.services.imports.rejects import Rejects
from houselights.services.imports.staging import Stage

NOBODY = 2**32 - 1
MEMORY = "1GB"
BATCH_ROWS = 1 << 17
PersonIds = npt.NDArray[np.uint32]

# A row's position: its source, then its number there. The order in which people are met.
_POSITIONS = """
    INSERT INTO met
    SELECT key, CAST(? AS BIGINT) * 4294967296 + file_row_number AS position
    FROM read_parquet(?, file_row_number = true)
"""
_PEOPLE = """
    CREATE TABLE person AS
    SELECT key, coalesce(person_id, ? + row_number() OVER (PARTITION BY person_id IS NULL ORDER BY position) - 1)
        AS person_id
    FROM (SELECT key, min(position) AS position FROM met GROUP BY key) LEFT JOIN known USING (key)
"""
_ROWS = """
    SELECT file_row_number AS row, person_id
    FROM read_parquet(?, file_row_number = true) JOIN person USING (key)
"""
_NUMBERS = """
    SELECT file_row_number AS row, number
    FROM read_parquet(?, file_row_number = true) JOIN person USING (key)
"""


class People:
    """The people of one import: how many there are (`count`), and how many ids were ever given (`capacity`)."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = duckdb.connect(str(folder / "keys.duckdb"))
        self._connection.execute(f"SET memory_limit = '{MEMORY}'")
        self._connection.execute(f"SET temp_directory = '{_quoted(folder / 'spill')}'")
        # The order of rows is carried in columns where it matters; keeping it would cost memory.
        self._connection.execute("SET preserve_insertion_order = false")
        # Where Python runs no script file, DuckDB draws a bar of its own: over ours, and into piped standard output.
        self._connection.execute("SET enable_progress_bar = false")
        self._leading = ""
        self._held: frozenset[str] = frozenset()
        self.count = 0
        self.capacity = 0

    def __enter__(self) -> "People":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def resolve(
        self,
        stages: Sequence[Stage],
        known: pa.RecordBatchReader | None,
        given: int,
        link: Link | None = None,
        held: HeldBack | None = None,
    ) -> None:
        """Give every key of the people sources its id; keys that `link` finds to be one person get the same. Keys of
        those who are `held` back get none, and their rows are nobody's, without being rejected.

        `known` holds the people being served (key, person_id); `given` is how many ids were ever given. Raises
        InvalidInput when there are more people than ids.
        """
        run = self._connection.execute
        run("CREATE TABLE known (key VARCHAR, person_id BIGINT)")
        if known is not None:
            self._connection.register("served", known)
            run("INSERT INTO known SELECT key, person_id FROM served")
            self._connection.unregister("served")
        run("CREATE TABLE met (key VARCHAR, position BIGINT)")
        for number, stage in enumerate(stages):
            run(_POSITIONS, [number, stage.keys_path])
        if link is None:
            run(_PEOPLE, [given])
        else:
            link_people(self._connection, stages, link, given)
            self._leading = " WHERE leads"
        run("DROP TABLE met")
        if held is not None:
            self._held = hold_back(self._connection, stages, held)
        self.count, newest = self._connection.sql(
            "SELECT count(*), coalesce(max(person_id), -1) FROM person" + self._leading
        ).fetchall()[0]
        self.capacity = max(given, newest + 1)
        if self.capacity >= NOBODY:
            raise InvalidInput(f"more than {NOBODY - 1:,} people were ever in this workspace", field="people")

    def everyone(self) -> Iterator[pa.RecordBatch]:
        """Yield (person_id, key) of everyone, in no order; of several keys the one met first."""
        query = "SELECT person_id, key FROM person" + self._leading
        yield from self._connection.sql(query).to_arrow_reader(BATCH_ROWS)

    def rows(self, stage: Stage) -> PersonIds:
        """Return the person of each row of a stage, NOBODY where the key is of nobody."""
        return self._numbers(stage, _ROWS)

    def _numbers(self, stage: Stage, query: str) -> PersonIds:
        found = np.full(stage.rows, NOBODY, dtype=np.uint32)
        for batch in self._connection.sql(query, params=[stage.keys_path]).to_arrow_reader(BATCH_ROWS):
            found[batch["row"].to_numpy()] = batch[1].to_numpy()
        return found

    def people_rows(self, stage: Stage, column: str, rejects: Rejects) -> PersonIds:
        """Return the person of each row of a people source; the second row with a key is rejected, as is any later."""
        found = self.rows(stage)
        keys = self._numbers(stage, _NUMBERS) if self._leading else found  # several keys of one person are no doubles
        known = keys[keys != NOBODY] if self._held else keys
        if known.size and np.bincount(known).max() > 1:
            order = np.argsort(keys, kind="stable")
            again = order[1:][keys[order[1:]] == keys[order[:-1]]]
            found[again] = NOBODY
            reason = "another row of this source has the same key"
            _reject(stage, found, column, reason, rejects, self._held)
        return found

    def other_rows(self, stage: Stage, column: str, rejects: Rejects) -> PersonIds:
        """Return the person of each row of an event, follow or text source; rows of nobody are rejected."""
        found = self.rows(stage)
        if (found == NOBODY).any():
            _reject(stage, found, column, "no such person", rejects, self._held)
        return found


def _reject(stage: Stage, found: PersonIds, column: str, reason: str, rejects: Rejects, held: frozenset[str]) -> None:
    begun = 0
    with pq.ParquetFile(stage.keys_path) as keys:
        for batch in keys.iter_batches(BATCH_ROWS):
            bad = found[begun : begun + len(batch)] == NOBODY
            begun += len(batch)
            rows = [row for row in batch.filter(pa.array(bad)).to_pylist() if row["key"] not in held]
            rejects.add(((stage.files[r["file"]], r["line"], column, r["key"], reason) for r in rows), len(rows))


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
