"""Uploaded identities mean the people of a lake: after an import, after rows came, were put together, and went."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from houselights.engine.snapshot import Snapshots
from houselights.identity.columns import HashedRecords
from houselights.identity.hashing import sha256_hex
from houselights.identity.lookup import NOBODY
from houselights.model.workspace import Generation
from houselights.services import matching as module
from houselights.services.matching import Matching, sweep_lookups
from houselights.storage.lake.tables import IDENTITIES
from tests.importing import Kitchen

MAPPING = """
people:
  - files: people.csv
    key: id
    identities:
      email: mail
      phone: {column: phone, country: US}
      external:crm: crm
      cookie: cookie
      postal: {first_name: first, last_name: last, address: street, postal: zip, country: {value: US}}
"""
ADA = {"id": "ada", "mail": "ada@example.com", "phone": "206 555 0100", "crm": "c1", "cookie": "k", "first": "Ada",
       "last": "O'Neil", "street": "9 Elm Street", "zip": "10001"}  # fmt: skip
BEN = {"id": "ben", "mail": "ben@example.com", "phone": "206 555 0100", "crm": "c1", "cookie": "k", "first": "Ben",
       "last": "O'Neil", "street": "9 Elm Street", "zip": "10001"}  # fmt: skip


class Scene:
    """A kitchen whose identities are looked up."""

    def __init__(self, folder: Path):
        self.kitchen = Kitchen.open(folder)
        self.kitchen.csv("people.csv", [ADA, BEN])
        self.kitchen.run(MAPPING)
        parts = self.kitchen.parts
        self.snapshots = Snapshots(parts.lake, parts.control.generations, parts.settings.index_folder, parts.clock)
        self.matching = Matching(parts.lake, parts.settings.index_folder)

    @property
    def lookups(self) -> list[str]:
        return sorted(each.name for each in self.kitchen.parts.settings.index_folder.glob("identities-*"))

    def who(self, *rows: dict[str, str], matching: Matching | None = None) -> list[int]:
        hashed = [{name: sha256_hex(value) for name, value in row.items()} for row in rows]
        snapshot = self.snapshots.newest(self.kitchen.workspace_id)
        return (matching or self.matching).records(snapshot, HashedRecords.from_rows(hashed)).person_ids.tolist()

    def tokens(self, *given: tuple[str, str]) -> list[tuple[int, ...]]:
        return self.matching.tokens(self.snapshots.newest(self.kitchen.workspace_id), given)

    def publish(self, version: int) -> None:
        before = self.kitchen.generation
        after = Generation(
            workspace_id=before.workspace_id, number=before.number + 1, tables={**before.tables, "identities": version},
            index=before.index, as_of=before.as_of, built_at=before.built_at, people=before.people,
            fingerprint=before.fingerprint, details=before.details,
        )  # fmt: skip
        with self.kitchen.parts.control.transaction() as conn:
            self.kitchen.parts.control.generations.publish(conn, after)

    def add(self, *rows: tuple[int, str, str]) -> None:
        """Add rows as live data does, and publish them."""
        named = [{"shard": 0, "person_id": p, "namespace": n, "value": v} for p, n, v in rows]
        table = pa.Table.from_pylist(named, IDENTITIES.schema)
        upon = self.kitchen.generation.tables["identities"]
        self.publish(self.kitchen.parts.lake.add(self.kitchen.workspace_id, "identities", table, upon=upon))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_records_are_matched_by_the_most_precise_rule(scene: Scene) -> None:
    found = scene.who(
        {"email": "ada@example.com"},
        {"email": "ben@example.com", "phone": "12065550100"},
        {"phone": "12065550100"},
        {"first_name": "ben", "last_name": "oneil", "address": "9elmst", "postal": "10001"},
        {"first_name": "ben", "last_name": "oneil", "address": "9elmstreet", "postal": "10001", "phone": "12065550100"},
        {"email": "nobody@example.com"},
    )
    assert found == [0, 1, NOBODY, 1, 1, NOBODY]


def test_an_external_id_may_mean_several_people_and_a_cookie_may_not(scene: Scene) -> None:
    scene.add((0, "cookie", "mine"), (0, "maid", "ab-cd"))
    given = [("external:crm", "c1"), ("cookie", "k"), ("cookie", "mine"), ("maid", "AB-CD"), ("external:crm", " "),
             ("external:other", "c1")]  # fmt: skip
    assert scene.tokens(*given) == [(0, 1), (), (0,), (0,), (), ()]
    with pytest.raises(KeyError):
        scene.tokens(("shoe_size", "43"))


def test_what_was_added_is_laid_over_without_building_again(scene: Scene) -> None:
    scene.who({"email": "ada@example.com"})
    before = scene.lookups
    scene.add((1, "email", sha256_hex("benjamin@example.com")), (1, "email", sha256_hex("ada@example.com")))
    assert scene.who({"email": "benjamin@example.com"}, {"email": "ada@example.com"}) == [1, NOBODY]
    scene.add((0, "email", sha256_hex("countess@example.com")))
    assert scene.who({"email": "benjamin@example.com"}, {"email": "countess@example.com"}) == [1, 0]
    assert scene.lookups == before
    # Another process finds the same on the disk.
    other = Matching(scene.kitchen.parts.lake, scene.kitchen.parts.settings.index_folder)
    assert scene.who({"email": "countess@example.com"}, matching=other) == [0]
    assert scene.lookups == before


def test_after_many_additions_it_is_built_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ADDED_MOST", 2)
    scene.who({"email": "ada@example.com"})
    before = scene.lookups
    scene.add(*((1, "email", sha256_hex(f"ben{number}@example.com")) for number in range(3)))
    assert scene.who({"email": "ben2@example.com"}, {"email": "ada@example.com"}) == [1, 0]
    assert len(scene.lookups) == len(before) + 1


def test_files_put_together_mean_the_same(scene: Scene) -> None:
    scene.who({"email": "ada@example.com"})
    scene.add((1, "email", sha256_hex("benjamin@example.com")))
    lake, workspace_id = scene.kitchen.parts.lake, scene.kitchen.workspace_id
    scene.who({"email": "ada@example.com"})
    scene.publish(lake.compact(workspace_id, "identities", scene.kitchen.generation.tables["identities"]))
    assert scene.who({"email": "benjamin@example.com"}, {"email": "ada@example.com"}) == [1, 0]


def test_what_is_gone_from_the_lake_is_gone_from_the_lookup(scene: Scene) -> None:
    scene.who({"email": "ada@example.com"})
    lake, workspace_id = scene.kitchen.parts.lake, scene.kitchen.workspace_id
    upon = scene.kitchen.generation.tables["identities"]
    kept = (
        lake.dataset(workspace_id, "identities", upon).to_table().filter(pa.array([True, False] * 50)[: _rows(scene)])
    )
    version = lake.write(workspace_id, "identities", kept.select(IDENTITIES.schema.names).cast(IDENTITIES.schema))
    scene.publish(version)
    rows = kept.to_pylist()
    whole = {(row["namespace"], row["value"]) for row in rows}
    snapshot = scene.snapshots.newest(workspace_id)
    everything = scene.matching.owners(
        snapshot, [("email", sha256_hex("ada@example.com")), ("email", sha256_hex("ben@example.com"))]
    )
    for name, owners in zip(("ada", "ben"), everything, strict=True):
        assert bool(owners) == (("email", sha256_hex(f"{name}@example.com")) in whole)
    sweep_lookups(lake, scene.kitchen.parts.settings.index_folder, workspace_id, [version])
    assert len(scene.lookups) == 1


def _rows(scene: Scene) -> int:
    return len(scene.kitchen.table("identities"))


def test_imports_sweep_lookups_that_serve_nobody_any_more(scene: Scene) -> None:
    scene.who({"email": "ada@example.com"})
    (before,) = scene.lookups
    for number, kept in ((1, True), (2, False)):  # the generation before may still be read
        scene.kitchen.csv("people.csv", [ADA, {**BEN, "mail": f"ben{number}@example.com"}])
        scene.kitchen.run(MAPPING)
        assert (before in scene.lookups) == kept
    assert scene.who({"email": "ben2@example.com"}, {"email": "ben@example.com"}) == [1, NOBODY]


def test_a_damaged_lookup_is_built_again(scene: Scene) -> None:
    scene.who({"email": "ada@example.com"})
    (place,) = scene.kitchen.parts.settings.index_folder.glob("identities-*")
    (place / "contents.json").write_text("{}")
    other = Matching(scene.kitchen.parts.lake, scene.kitchen.parts.settings.index_folder)
    assert scene.who({"email": "ada@example.com"}, matching=other) == [0]


def test_an_older_snapshot_is_answered_from_its_own_identities(scene: Scene) -> None:
    old = scene.snapshots.newest(scene.kitchen.workspace_id)
    scene.add((1, "email", sha256_hex("benjamin@example.com")))
    assert scene.who({"email": "benjamin@example.com"}) == [1]
    records = HashedRecords.from_rows([{"email": sha256_hex("benjamin@example.com")}])
    assert scene.matching.records(old, records).person_ids.tolist() == [NOBODY]
    assert scene.who({"email": "benjamin@example.com"}) == [1]


def test_no_records_are_no_matches(scene: Scene) -> None:
    snapshot = scene.snapshots.newest(scene.kitchen.workspace_id)
    found = scene.matching.records(snapshot, HashedRecords.from_rows([]))
    assert found.person_ids.dtype == np.int64
    assert found.rule.dtype == np.uint8
    assert len(found.person_ids) == 0
    assert scene.matching.diagnosed(snapshot, HashedRecords.from_rows([])).shape == (0, 6)
