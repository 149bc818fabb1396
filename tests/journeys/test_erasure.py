"""Somebody asks to be forgotten: imported, uploaded to lists, seen in requests, and then in no answer, file or row."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from houselights.app import build_house
from houselights.base.errors import Conflict, InvalidInput, NotAllowed, NotFound
from houselights.base.settings import Settings
from houselights.model.audience import Audience
from houselights.model.erasure import ErasureScope, ErasureState
from houselights.model.imports import ImportState
from houselights.model.workspace import SCOPES, Workspace
from houselights.rules.json_form import node_from_json
from houselights.rules.tree import Everyone, HasTrait, InAudience, Listed
from houselights.services.caller import Caller
from houselights.services.erasure import job as job_module
from houselights.services.house import House
from houselights.services.imports.importer import importer
from houselights.services.intake.payload import IdentityRecord, IdentityUpload, MemberRecord, MemberUpload
from houselights.services.motion.incoming import NewEvent, NewProfile, Who

MAPPING = """
version: 1
workspace: shop
people:
  - files: people.parquet
    key: id
    attributes: {city: city}
    facets: {plan: plan}
    identities: {email: email, cookie: cookie}
    measures: {daily_reach: reach}
events:
  - files: events.parquet
    person: id
    time: at
    type: kind
texts:
  - files: texts.parquet
    person: id
    field: about
    text: text
facets: {plan: {name: Plan}}
"""
KEYS = ("customer-ada", "customer-ben", "customer-cleo", "dara")
ADA = "customer-ada"
SHARED = "cookie-of-the-household"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def email(key: str) -> str:
    return f"{key}@example.com"


@dataclass(frozen=True)
class Shop:
    """A house with four people, a client that uploads, and that client's list."""

    house: House
    workspace: Workspace
    files: Path
    partner: Caller
    newsletter: Audience

    @property
    def operator(self) -> Caller:
        return Caller.local(self.workspace)

    def bring_in(self, keys: tuple[str, ...] = KEYS, version: int = 1) -> None:
        write(self.files, keys, version)
        run = importer(self.house.control, self.house.lake, self.house.settings, self.house.clock)
        run(self.files / "POPULATION.yaml", self.workspace, max_rejects=0, started=lambda _: None)

    def upload(self, *records: MemberRecord) -> str:
        accepted = self.house.intake.accept(self.partner, MemberUpload(records, self.namespace))
        self.house.worker.work_all()
        return accepted

    @property
    def namespace(self) -> str:
        assert self.partner.client is not None
        return f"external:{self.partner.client.client_id}"

    def who(self, rule: Any = None) -> set[str]:
        snapshot = self.house.snapshots.newest(self.workspace.id)
        found = snapshot.evaluate(rule or Everyone(), self.house.audiences.resolve(self.workspace))
        assert snapshot.count(rule or Everyone(), self.house.audiences.resolve(self.workspace)) == len(found)
        return {snapshot.key(int(person)) for person in found.ids()}

    def members(self) -> set[str]:
        return self.who(InAudience(self.newsletter.id))

    def create(self, key: str) -> MemberRecord:
        return MemberRecord(self.newsletter.id, "CREATE", f"theirs-{key}", ({"email": digest(email(key))},))


def write(folder: Path, keys: tuple[str, ...], version: int) -> None:
    folder.mkdir(exist_ok=True)
    people = [
        {"id": key, "city": "Leeds", "plan": "gold" if number % 2 else "free", "email": email(key), "reach": 0.5,
         "cookie": SHARED if number < 2 else f"cookie-of-{key}"}
        for number, key in enumerate(keys)
    ]  # fmt: skip
    at = datetime(2026, 10, version, tzinfo=UTC)
    events = [{"id": key, "at": at, "kind": "visit"} for key in keys]
    texts = [{"id": key, "about": "bio", "text": f"I like tea {version}"} for key in keys]
    for name, rows in (("people", people), ("events", events), ("texts", texts)):
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    (folder / "POPULATION.yaml").write_text(MAPPING, encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    house = build_house(Settings(data=tmp_path / "data"))
    workspace = house.control.workspaces.create("shop", created_at=house.clock.now())
    made = house.clients.create(Caller.local(workspace), name="Partner", scopes=sorted(set(SCOPES) - {"operator"}))
    partner = Caller(client=made.client, workspace=workspace, scopes=made.client.scopes)
    house.eraser._job._sleep = lambda _: None  # there are no other processes here to wait for
    files = tmp_path / "files"
    shop = Shop(house, workspace, files, partner, None)  # type: ignore[arg-type]
    shop.bring_in()
    newsletter = house.rosters.create(
        partner, name="Newsletter", description="", account_id=None, ttl_seconds=86_400, origin="test"
    )
    yield Shop(house, workspace, files, partner, newsletter)
    house.control.close()


def everything_in(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def values_in(folder: Path) -> Iterator[tuple[Path, Any]]:
    for path in folder.rglob("*.parquet"):
        for row in pq.read_table(path, partitioning=None).to_pylist():
            yield path, row


def live_a_little(shop: Shop) -> None:
    """Leave traces of everybody everywhere: lists, ids, arrivals, an export, a reject, the audit log."""
    house = shop.house
    house.intake.accept(
        shop.partner,
        IdentityUpload(
            tuple(IdentityRecord(f"theirs-{key}", ({"email": digest(email(key))},)) for key in KEYS), shop.namespace
        ),
    )
    shop.upload(*(shop.create(key) for key in KEYS))
    shop.upload(MemberRecord(10**17, "CREATE", "theirs-customer-ada"))  # an invalid record is told by its id
    now = house.clock.now()
    for key in KEYS:
        house.profiles.accept(shop.operator, [NewProfile(who=Who(key=key), attributes={"city": "York"})])
        house.profiles.accept(shop.operator, [NewEvent(who=Who(key=key), time=now, type="visit")])
    house.applier.apply_all()
    house.profiles.accept(shop.operator, [NewProfile(who=Who(key=ADA), attributes={"city": "Bath"})])  # waits
    rejects = house.settings.data / "rejects" / f"workspace-{shop.workspace.id}" / "import-1.csv"
    rejects.parent.mkdir(parents=True)
    rejects.write_text("file,line,column,value,reason\na,1,id,customer-ada,odd\na,2,id,customer-ben,odd\n")
    export = house.settings.data / "exports" / str(shop.workspace.id) / "job" / "part.parquet"
    export.parent.mkdir(parents=True)
    pq.write_table(pa.table({"_id": [ADA, "customer-ben"]}), export)
    house.audit.record(shop.operator, "profiles.read", ADA, key=ADA)
    house.control.documents.put(shop.workspace.id, "preview", "1", {"results": [{"id": ADA}, {"id": "dara"}]}, now)


def test_somebody_is_forgotten_whole(shop: Shop) -> None:
    live_a_little(shop)
    house, data = shop.house, shop.house.settings.data
    ada = next(int(person) for person in house.snapshots.newest(shop.workspace.id).index.everyone.ids()
               if house.snapshots.newest(shop.workspace.id).key(int(person)) == ADA)  # fmt: skip
    assert shop.members() == set(KEYS)
    plan = HasTrait("plan", ("free",))
    assert ADA in shop.who(plan)

    asked = house.erasing.request(shop.operator, [("email", email(ADA))], scope=ErasureScope.EVERYTHING)

    # At once, before any file has changed:
    left = set(KEYS) - {ADA}
    assert shop.who() == left
    assert shop.members() == left
    assert ADA not in shop.who(plan)
    snapshot = house.snapshots.newest(shop.workspace.id)
    assert ada not in snapshot.list_log(shop.newsletter.id).people
    with pytest.raises(NotFound):
        snapshot.person(ada)
    assert house.people.by_key(shop.operator, ADA) is None
    assert house.people.by_identity(shop.operator, "email", email(ADA)) is None
    assert house.erasing.report(shop.operator, asked).state is ErasureState.WAITING

    assert house.eraser.work_all() == 1
    told = house.erasing.report(shop.operator, asked)
    assert told.state is ErasureState.DONE
    assert told.proof is not None
    assert told.proof["looked"]["traces"] == []
    assert told.proof["clean"]
    assert told.proof["rows"]["people"] == 1
    assert told.proof["rows"]["memberships"] >= 1
    assert told.proof["looked"]["parquet_files"] >= 8
    assert told.people == 1

    # Looked into by somebody else: no file has a name or a row of hers.
    names = [ADA, digest(email(ADA)), "theirs-customer-ada"]
    for path, content in everything_in(data):
        assert not any(name.encode() in content for name in names), path
    for path, row in values_in(data):
        assert row.get("person_id") != ada, path
        assert not any(value in names for value in row.values() if isinstance(value, str)), path
    assert shop.who() == left
    assert shop.members() == left
    rejects = next((data / "rejects").rglob("*.csv")).read_text()
    assert "customer-ben" in rejects
    # What the household shares is still Ben's.
    ben = house.people.by_identity(shop.operator, "email", email("customer-ben"))
    assert ben is not None
    assert house.people.by_identity(shop.operator, "cookie", SHARED) == ben
    with sqlite3.connect(data / "control.db") as database:
        assert list(database.execute("SELECT identities, needles, people FROM erasure")) == [("[]", "[]", "[]")]
    # The others' arrivals are still there to be laid over the next import; hers are not.
    assert house.applier.apply_all() == 0


def test_files_that_still_have_somebody_do_not_bring_them_back(shop: Shop) -> None:
    house = shop.house
    house.erasing.request(shop.operator, [("key", ADA)], scope=ErasureScope.EVERYTHING)
    house.eraser.work_all()
    left = set(KEYS) - {ADA}
    shop.bring_in(version=2)
    assert shop.who() == left
    last = house.control.imports.list(shop.workspace.id)[0]
    assert (last.state, last.rows_rejected) == (ImportState.SUCCEEDED, 0)
    # Nor under another key: her e-mail address was hers alone, the household's cookie was not.
    write(shop.files, KEYS, 3)
    table = pq.read_table(shop.files / "people.parquet").to_pylist()
    table[0]["id"] = "customer-ada-2"
    for name in ("events", "texts"):
        rows = [{**row, "id": row["id"].replace(ADA, "customer-ada-2")}
                for row in pq.read_table(shop.files / f"{name}.parquet").to_pylist()]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(rows), shop.files / f"{name}.parquet")
    pq.write_table(pa.Table.from_pylist(table), shop.files / "people.parquet")
    run = importer(house.control, house.lake, house.settings, house.clock)
    run(shop.files / "POPULATION.yaml", shop.workspace, max_rejects=0, started=lambda _: None)
    assert shop.who() == left
    for path, content in everything_in(house.settings.data):
        assert b"customer-ada" not in content, path
    # What arrives is refused and not dropped, as it would be acknowledged otherwise.
    with pytest.raises(Conflict, match="was erased"):
        house.profiles.accept(shop.operator, [NewProfile(who=Who(key=ADA), attributes={"city": "Bath"})])
    # Until somebody lets her in again.
    assert house.erasing.let_go(shop.operator, [("key", ADA), ("email", email(ADA))]) == 2
    shop.bring_in(version=4)
    assert shop.who() == set(KEYS)


def test_a_client_takes_back_what_it_brought_and_the_person_stays(shop: Shop) -> None:
    live_a_little(shop)
    house = shop.house
    other = house.rosters.create(shop.operator, name="Ours", description="", account_id=None, ttl_seconds=None)
    house.intake.accept(
        shop.operator,
        MemberUpload((MemberRecord(other.id, "CREATE", None, ({"email": digest(email(ADA))},)),), "external:us"),
    )
    house.worker.work_all()
    asked = house.erasing.request(shop.partner, [(shop.namespace, "theirs-customer-ada")], scope=ErasureScope.CLIENT)
    left = set(KEYS) - {ADA}
    assert shop.members() == left
    assert shop.who() == set(KEYS)
    assert house.eraser.work_all() == 1
    assert shop.members() == left
    assert shop.who(InAudience(other.id)) == {ADA}
    proof = house.erasing.report(shop.operator, asked).proof
    assert proof is not None
    assert proof["clean"], proof
    assert set(proof["rows"]) == {"memberships", "identities"}
    told = house.erasing.report(shop.partner, asked)
    assert (told.people, told.proof, told.state) == (None, None, ErasureState.DONE)
    for path, content in everything_in(house.settings.data):
        assert b"theirs-customer-ada" not in content, path
    # She may come back to the list, by the same id.
    shop.upload(shop.create(ADA))
    assert shop.members() == set(KEYS)


def test_what_waits_at_the_time_is_part_of_it_and_what_comes_later_is_not(shop: Shop) -> None:
    house = shop.house
    shop.upload(*(shop.create(key) for key in KEYS))
    waits = house.intake.accept(shop.partner, MemberUpload((shop.create(ADA),), shop.namespace))
    house.erasing.request(shop.partner, [("email", email(ADA))], scope=ErasureScope.CLIENT)
    assert house.eraser.work_all() == 0  # the upload came before: it must have ended first
    house.worker.work_all()
    assert house.intake.status(shop.partner, waits).finished_at is not None
    assert ADA not in shop.members()
    assert house.eraser.work_all() == 1
    assert ADA not in shop.members()
    shop.upload(shop.create(ADA))
    assert ADA in shop.members()


def test_it_ends_well_wherever_it_was_interrupted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step is broken off once, where it begins; whoever comes next finishes."""
    live_a_little(shop)
    house = shop.house
    asked = house.erasing.request(shop.operator, [("key", ADA)], scope=ErasureScope.EVERYTHING)

    class Killed(BaseException):
        pass

    steps = ("scrub", "settle", "forget_before", "clear_the_old", "sweep_lookups", "look_into_lake",
             "look_into_database")  # fmt: skip
    for step in steps:
        true, calls = getattr(job_module, step), iter(range(1_000))

        def broken(*given: Any, true: Any = true, calls: Any = calls, **more: Any) -> Any:
            if next(calls) == (1 if true.__name__ in ("settle", "forget_before") else 0):
                raise Killed
            return true(*given, **more)

        monkeypatch.setattr(job_module, step, broken)
        with pytest.raises(Killed):
            house.eraser.work_all()
        monkeypatch.setattr(job_module, step, true)
        assert ADA not in shop.who()
        assert ADA not in shop.members()
    assert house.eraser.work_all() == 1
    proof = house.erasing.report(shop.operator, asked).proof
    assert proof is not None
    assert proof["clean"], proof
    for path, content in everything_in(house.settings.data):
        assert ADA.encode() not in content, path
    assert shop.who() == set(KEYS) - {ADA}


def test_looking_into_the_database_leaves_its_locks_so_nothing_acknowledged_later_is_lost(shop: Shop) -> None:
    """Another process comes and goes; what we write then must be in the files, and not in a log that it took away."""
    database = shop.house.settings.data / "control.db"
    count = (
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM erasure').fetchone()[0])"
    )

    def seen_elsewhere() -> int:
        told = subprocess.run([sys.executable, "-c", count, str(database)], check=True, capture_output=True, text=True)
        return int(told.stdout)

    shop.house.erasing.request(shop.operator, [("email", email(ADA))], scope=ErasureScope.EVERYTHING)
    shop.house.eraser.work_all()
    assert seen_elsewhere() == 1
    assert database.with_name("control.db-wal").exists()
    shop.house.erasing.request(shop.operator, [("email", email("customer-ben"))], scope=ErasureScope.EVERYTHING)
    assert seen_elsewhere() == 2


def test_one_asked_for_while_another_deletes_older_files_reads_the_newer_ones(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.upload(shop.create(ADA), shop.create("customer-ben"))
    fresh = build_house(shop.house.settings)  # has read nothing of the lists yet
    stale = fresh.snapshots.newest(shop.workspace.id)
    shop.house.erasing.request(shop.operator, [("email", email(ADA))], scope=ErasureScope.EVERYTHING)
    shop.house.eraser.work_all()
    newest, first = fresh.snapshots.newest, [stale]
    monkeypatch.setattr(fresh.snapshots, "newest", lambda workspace: first.pop() if first else newest(workspace))
    asked = fresh.erasing.request(shop.partner, [("email", email("customer-ben"))], scope=ErasureScope.CLIENT)
    assert not first
    shop.house.eraser.work_all()
    assert fresh.erasing.report(shop.partner, asked).state is ErasureState.DONE
    assert shop.members() == set()
    fresh.control.close()


def test_many_are_done_in_one_pass_and_one_that_must_wait_keeps_no_others(shop: Shop) -> None:
    house = shop.house
    shop.upload(*(shop.create(key) for key in KEYS))
    shop.upload(*(MemberRecord(shop.newsletter.id, "CREATE", None, ({"email": digest(email(key))},)) for key in KEYS))
    before = house.control.generations.current_number(shop.workspace.id)
    assert before is not None
    asked = [
        house.erasing.request(shop.partner, [("email", email(key))], scope=ErasureScope.CLIENT) for key in KEYS[:2]
    ]
    house.intake.accept(shop.partner, MemberUpload((shop.create(KEYS[2]),), shop.namespace))
    waits = house.erasing.request(shop.partner, [("email", email(KEYS[2]))], scope=ErasureScope.CLIENT)
    whole = house.erasing.request(shop.operator, [("key", KEYS[3])], scope=ErasureScope.EVERYTHING)
    assert shop.members() == set()
    assert house.eraser.work_all() == 3
    states = [house.erasing.report(shop.operator, each).state for each in (*asked, waits, whole)]
    assert states == [ErasureState.DONE, ErasureState.DONE, ErasureState.WAITING, ErasureState.DONE]
    reports = [house.erasing.report(shop.operator, each) for each in asked]
    assert [each.people for each in reports] == [1, 1]
    assert all(each.proof is not None and each.proof["erasures_at_once"] == 2 for each in reports)
    # Two passes, of two generations each: one for the client's, one for the operator's.
    assert house.control.generations.current_number(shop.workspace.id) == before + 4
    house.worker.work_all()
    assert shop.members() == set()
    assert house.eraser.work_all() == 1
    assert shop.who() == set(KEYS[:3])


def test_who_may_ask_for_what(shop: Shop) -> None:
    erasing = shop.house.erasing
    with pytest.raises(NotAllowed):
        erasing.request(shop.partner, [("key", ADA)], scope=ErasureScope.EVERYTHING)
    with pytest.raises(InvalidInput, match="no client"):
        erasing.request(shop.operator, [("key", ADA)], scope=ErasureScope.CLIENT)
    with pytest.raises(InvalidInput, match="no namespace"):
        erasing.request(shop.operator, [("emial", ADA)], scope=ErasureScope.EVERYTHING)
    with pytest.raises(NotFound, match="no account"):
        erasing.request(shop.partner, [("key", ADA)], scope=ErasureScope.ACCOUNT, account_id=77)
    asked = erasing.request(shop.operator, [("key", "nobody at all")], scope=ErasureScope.EVERYTHING)
    with pytest.raises(NotFound):
        erasing.report(shop.partner, asked)
    assert erasing.report(shop.operator, asked).people == 0
    shop.house.eraser.work_all()
    assert erasing.report(shop.operator, asked).state is ErasureState.DONE
    assert [each.id for each in erasing.list(shop.operator)] == [asked]
    assert erasing.list(shop.partner) == []


def test_a_rule_that_names_the_person_is_told_and_left_alone(shop: Shop) -> None:
    """Rules are somebody's work: the scan says where one is a trace, and whoever made it decides."""
    equal = {"call": {"function": "equal", "arguments": [{"path": {"steps": ["_id"]}}, {"text": ADA}]}}
    rule = node_from_json({"where": equal})
    shop.house.audiences.create(shop.operator, name="Only Ada", description="", rule=rule)
    asked = shop.house.erasing.request(shop.operator, [("key", ADA)], scope=ErasureScope.EVERYTHING)
    shop.house.eraser.work_all()
    proof = shop.house.erasing.report(shop.operator, asked).proof
    assert proof is not None
    assert not proof["clean"]
    assert "control database, audience.rule: a name" in proof["looked"]["traces"]


def test_a_list_forgets_and_remembers_beside_an_erasure(shop: Shop) -> None:
    shop.upload(*(shop.create(key) for key in KEYS))
    asked = shop.house.erasing.request(shop.operator, [("key", ADA)], scope=ErasureScope.EVERYTHING)
    assert shop.who(Listed(shop.newsletter.id, 0)) == set()
    assert shop.who(Listed(shop.newsletter.id, 60)) == set(KEYS) - {ADA}
    shop.house.eraser.work_all()
    assert shop.who(Listed(shop.newsletter.id, 60)) == set(KEYS) - {ADA}
    assert shop.house.erasing.report(shop.operator, asked).state is ErasureState.DONE
