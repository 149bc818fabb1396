"""The lake keeps every version until told otherwise, streams, and finds one shard's files without the others'."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from houselights.base.errors import NotFound
from houselights.storage.lake.forget import forget_before, settle
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.superseded import Superseded
from houselights.storage.lake.tables import MEASURES, MEMBERSHIPS, PEOPLE, TABLES

WORKSPACE = 7


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    # a folder name that URLs would escape, because people have such folders
    return Lake(str(tmp_path / "our lake, 100% ours"))


def measures(*rows: tuple[int, int, float]) -> pa.Table:
    shards, people, values = zip(*rows, strict=True)
    return pa.table([list(shards), list(people), ["daily_reach"] * len(rows), list(values)], schema=MEASURES.schema)


def rows(lake: Lake, version: int) -> list[tuple[int, float]]:
    table = lake.dataset(WORKSPACE, "measures", version).to_table().sort_by("person_id")
    return list(zip(table["person_id"].to_pylist(), table["value"].to_pylist(), strict=True))


def test_nothing_written_has_no_version(lake: Lake) -> None:
    assert lake.version(WORKSPACE, "measures") is None
    assert lake.commits(WORKSPACE, "measures") == []
    assert lake.vacuum(WORKSPACE, "measures", []) == []
    with pytest.raises(NotFound):
        lake.files(WORKSPACE, "measures", 0)


def test_an_older_version_stays_readable_after_overwrite(lake: Lake) -> None:
    first = lake.write(WORKSPACE, "measures", measures((0, 1, 0.5), (1, 1 << 20, 0.25)))
    second = lake.write(WORKSPACE, "measures", measures((0, 1, 0.75)))
    assert (first, second) == (0, 1)
    assert rows(lake, first) == [(1, 0.5), (1 << 20, 0.25)]
    assert rows(lake, second) == [(1, 0.75)]
    assert lake.version(WORKSPACE, "measures") == second


def test_a_version_that_was_deleted_is_superseded_and_not_unknown(lake: Lake) -> None:
    first = lake.write(WORKSPACE, "measures", measures((0, 1, 0.5)))
    last = lake.write(WORKSPACE, "measures", measures((0, 2, 0.25)), mode="append")
    settled = settle(lake, WORKSPACE, "measures", last)
    forget_before(lake, WORKSPACE, "measures", settled)
    assert rows(lake, settled) == [(1, 0.5), (2, 0.25)]
    for gone in (first, last):
        with pytest.raises(Superseded, match="ask again"):
            lake.dataset(WORKSPACE, "measures", gone)
    with pytest.raises(NotFound):
        lake.dataset(WORKSPACE, "measures", settled + 1)


def test_append_adds_and_a_version_that_never_was_is_not_found(lake: Lake) -> None:
    lake.write(WORKSPACE, "measures", measures((0, 1, 0.5)))
    version = lake.write(WORKSPACE, "measures", measures((0, 2, 0.25)), mode="append")
    assert rows(lake, version) == [(1, 0.5), (2, 0.25)]
    with pytest.raises(NotFound):
        lake.dataset(WORKSPACE, "measures", 99)


def test_workspaces_do_not_meet(lake: Lake) -> None:
    lake.write(WORKSPACE, "measures", measures((0, 1, 0.5)))
    assert lake.version(WORKSPACE + 1, "measures") is None


def test_a_note_is_kept_in_the_commit(lake: Lake) -> None:
    lake.write(WORKSPACE, "measures", measures((0, 1, 0.5)), note={"upload": "u-17"})
    lake.write(WORKSPACE, "measures", measures((0, 2, 0.5)), mode="append")
    newest, oldest = lake.commits(WORKSPACE, "measures")
    assert (newest.version, newest.note) == (1, {})
    assert (oldest.version, oldest.note) == (0, {"upload": "u-17"})
    assert abs((datetime.now(UTC) - oldest.at).total_seconds()) < 600


def test_duckdb_reads_the_files_of_one_shard(lake: Lake) -> None:
    version = lake.write(WORKSPACE, "measures", measures((0, 1, 0.5), (3, 3 << 20, 0.25), (3, (3 << 20) + 1, 0.5)))
    files = lake.files(WORKSPACE, "measures", version, shard=3)
    found = duckdb.execute(
        "select shard, person_id, value from read_parquet($files, hive_partitioning = true) order by person_id",
        {"files": files},
    ).fetchall()
    assert found == [(3, 3 << 20, 0.25), (3, (3 << 20) + 1, 0.5)]
    assert lake.shards(WORKSPACE, "measures", version) == [0, 3]
    assert lake.files(WORKSPACE, "measures", version, shard=2) == []
    assert len(lake.files(WORKSPACE, "measures", version)) == 2


def test_a_reader_is_streamed_and_every_row_arrives(lake: Lake) -> None:
    taken = 0
    per_batch, batches = 10_000, 30

    def stream() -> Iterator[pa.RecordBatch]:
        nonlocal taken
        for number in range(batches):
            taken += 1
            people = pa.array(range(number * per_batch, (number + 1) * per_batch), pa.int64())
            yield pa.record_batch(
                [
                    pc.cast(pc.shift_right(people, 17), pa.int32()),
                    people,
                    pa.array(["daily_reach"] * per_batch),
                    pc.cast(people, pa.float64()),
                ],
                schema=MEASURES.schema,
            )

    version = lake.write(WORKSPACE, "measures", pa.RecordBatchReader.from_batches(MEASURES.schema, stream()))
    assert taken == batches
    table = lake.dataset(WORKSPACE, "measures", version).to_table()
    assert table.num_rows == per_batch * batches
    assert pc.sum(table["person_id"]).as_py() == sum(range(per_batch * batches))
    assert lake.shards(WORKSPACE, "measures", version) == [0, 1, 2]


def test_a_stream_that_breaks_leaves_the_version_before(lake: Lake) -> None:
    lake.write(WORKSPACE, "measures", measures((0, 1, 0.5)))

    def stream() -> Iterator[pa.RecordBatch]:
        yield measures((0, 2, 0.5)).to_batches()[0]
        raise OSError("the disk with the input went away")

    with pytest.raises(Exception, match="went away"):
        lake.write(WORKSPACE, "measures", pa.RecordBatchReader.from_batches(MEASURES.schema, stream()))
    assert lake.version(WORKSPACE, "measures") == 0
    assert rows(lake, 0) == [(1, 0.5)]


def test_people_carry_nested_columns_which_may_change_with_the_next_version(lake: Lake) -> None:
    def people(extra: dict[str, list[object]]) -> pa.Table:
        table = pa.table([[0, 0], [0, 1], ["ada", "bo"]], schema=PEOPLE.schema)
        for name, values in extra.items():
            table = table.append_column(name, pa.array(values))
        return table

    profile: dict[str, list[object]] = {
        "person": [{"name": {"first": "Ada"}, "birthYear": 1999}, {"name": {"first": "Bo"}, "birthYear": None}],
        "emails": [["a@x", "b@x"], []],
    }
    first = lake.write(WORKSPACE, "people", people(profile))
    second = lake.write(WORKSPACE, "people", people({"home": [{"country": "SE"}, {"country": "DE"}]}))
    third = lake.write(WORKSPACE, "people", people({"work": [{"country": "FR"}, None]}), mode="append")
    names = lake.dataset(WORKSPACE, "people", first).to_table().sort_by("person_id")["person"].to_pylist()
    assert [person["name"]["first"] for person in names] == ["Ada", "Bo"]
    assert lake.schema(WORKSPACE, "people", first).names == ["shard", "person_id", "key", "person", "emails"]
    assert lake.schema(WORKSPACE, "people", second).names == ["shard", "person_id", "key", "home"]
    assert set(lake.schema(WORKSPACE, "people", third).names) == {"shard", "person_id", "key", "home", "work"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (measures((0, 1, 0.5)).drop_columns(["value"]), "needs a column value"),
        (measures((0, 1, 0.5)).append_column("mood", pa.array(["good"])), "has no column mood"),
        (measures((0, 1, 0.5)).set_column(3, "value", pa.array([1])), "needs value as double, not int64"),
    ],
)
def test_other_columns_than_the_table_has_are_refused(lake: Lake, table: pa.Table, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        lake.write(WORKSPACE, "measures", table)


def test_vacuum_deletes_only_what_no_kept_version_needs(lake: Lake) -> None:
    for value in (0.1, 0.2, 0.3, 0.4):
        lake.write(WORKSPACE, "measures", measures((0, 1, value)))
    assert len(lake.vacuum(WORKSPACE, "measures", keep=[1])) == 2
    assert rows(lake, 1) == [(1, 0.2)]
    assert rows(lake, 3) == [(1, 0.4)]
    with pytest.raises(FileNotFoundError):
        rows(lake, 0)
    assert lake.write(WORKSPACE, "measures", measures((0, 1, 0.5))) > 3


def test_every_table_can_be_written_and_read_back_empty(lake: Lake) -> None:
    for name, shape in TABLES.items():
        version = lake.write(WORKSPACE, name, shape.schema.empty_table())
        back = lake.dataset(WORKSPACE, name, version).to_table()
        assert back.num_rows == 0
        assert set(back.schema.names) == set(shape.schema.names)


def test_the_membership_log_comes_back_in_utc(lake: Lake) -> None:
    at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    log = pa.table([[1], [2], ["CREATE"], [at], ["US"], ["u-1"]], schema=MEMBERSHIPS.schema)
    version = lake.write(WORKSPACE, "memberships", log, mode="append")
    assert lake.dataset(WORKSPACE, "memberships", version).to_table()["time"].to_pylist() == [at]


def test_rows_keep_their_order_within_a_shard_whatever_batches_they_come_in(lake: Lake) -> None:
    """Batches mix shards, and are smaller and larger than a row group."""
    people = [person for person in range(400_000) if person % 3] + [(1 << 20) + person for person in range(150_000)]
    mixed = sorted(people, key=lambda person: person & 0xFFFFF)
    table = pa.table(
        [[person >> 20 for person in mixed], mixed, ["daily_reach"] * len(mixed), [0.5] * len(mixed)],
        schema=MEASURES.schema,
    )
    version = lake.write(WORKSPACE, "measures", table.to_reader(max_chunksize=50_000))
    for shard in (0, 1):
        (file,) = lake.files(WORKSPACE, "measures", version, shard=shard)
        found = pq.ParquetFile(file).read(["person_id"])["person_id"].to_pylist()
        assert found == [person for person in people if person >> 20 == shard]


def test_a_stream_that_breaks_leaves_no_files(lake: Lake, tmp_path: Path) -> None:
    def stream() -> Iterator[pa.RecordBatch]:
        yield measures((0, 2, 0.5), (1, 1 << 20, 0.5)).to_batches()[0]
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        lake.write(WORKSPACE, "measures", pa.RecordBatchReader.from_batches(MEASURES.schema, stream()))
    assert list(tmp_path.rglob("*.parquet")) == []
    assert lake.version(WORKSPACE, "measures") is None


def test_a_person_is_looked_up_without_opening_other_files(lake: Lake) -> None:
    lake.write(WORKSPACE, "measures", measures((0, 1, 0.5), (0, 9, 0.5)))
    version = lake.write(WORKSPACE, "measures", measures((0, 100, 0.5), (0, 200, 0.5)), mode="append")
    dataset = lake.dataset(WORKSPACE, "measures", version)
    assert len(list(dataset.get_fragments(pc.field("person_id") == 150))) == 1
    assert dataset.to_table(filter=pc.field("person_id") == 200)["person_id"].to_pylist() == [200]


def test_two_writers_append_and_both_are_kept(lake: Lake) -> None:
    lake.write(WORKSPACE, "measures", measures((0, 0, 0.5)))
    gate = threading.Barrier(4)

    def append(person: int) -> None:
        gate.wait()
        lake.write(WORKSPACE, "measures", measures((0, person, 0.5)), mode="append")

    threads = [threading.Thread(target=append, args=(person,)) for person in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    version = lake.version(WORKSPACE, "measures")
    assert version is not None
    assert [person for person, _value in rows(lake, version)] == [0, 1, 2, 3, 4]


def test_rows_are_added_upon_the_version_that_counts(lake: Lake) -> None:
    first = lake.add(WORKSPACE, "measures", measures((0, 1, 0.5), (0, 2, 0.25), (1, 1 << 20, 1.0)), upon=None)
    lake.write(WORKSPACE, "measures", measures((0, 9, 9.0)), mode="append")  # by an attempt that published nothing
    second = lake.add(WORKSPACE, "measures", measures((0, 1, 0.75)), upon=first, instead_of=[1])
    assert rows(lake, second) == [(1, 0.75), (2, 0.25), (1 << 20, 1.0)]
    assert rows(lake, first) == [(1, 0.5), (2, 0.25), (1 << 20, 1.0)]
    third = lake.add(WORKSPACE, "measures", measures((0, 3, 0.5)).slice(1), upon=second, instead_of=[2, 1 << 20])
    assert rows(lake, third) == [(1, 0.75)]
    assert rows(lake, lake.add(WORKSPACE, "measures", measures((0, 3, 0.5)).slice(1), upon=third)) == [(1, 0.75)]


def test_compacting_changes_no_row(lake: Lake) -> None:
    version = lake.add(WORKSPACE, "measures", measures((0, 0, 0.0), (1, 1 << 20, 1.0)), upon=None)
    for person in range(1, 6):
        version = lake.add(WORKSPACE, "measures", measures((0, person, float(person))), upon=version)
    before = rows(lake, version)
    lake.write(WORKSPACE, "measures", measures((0, 9, 9.0)), mode="append")  # never published
    after = lake.compact(WORKSPACE, "measures", version)
    assert rows(lake, after) == before == rows(lake, version)
    assert (
        len(lake.files(WORKSPACE, "measures", after, shard=0))
        == 1
        < len(lake.files(WORKSPACE, "measures", version, shard=0))
    )
