"""Uploads from acceptance to the log: whom records mean, what is left out and why, what is remembered and counted."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from deltalake import DeltaTable

from houselights.app import build_house
from houselights.base.clock import FixedClock
from houselights.base.errors import InvalidInput, NotAllowed, NotFound, TooManyRequests
from houselights.base.settings import Settings
from houselights.base.upload_settings import UploadSettings
from houselights.engine.membership_log import MembershipLog
from houselights.identity.hashing import NOTHING
from houselights.model.audience import Audience
from houselights.model.upload import UploadState, UploadStatus
from houselights.model.workspace import SCOPES, Account, Client, Workspace
from houselights.rules.tree import Everyone, HasTrait, InAudience, Listed
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.imports.lock import only_import
from houselights.services.intake.intake import Intake, Meter
from houselights.services.intake.payload import IdentityRecord, IdentityUpload, MemberRecord, MemberUpload, Target
from houselights.services.intake.worker import Worker
from houselights.services.rosters import list_of
from houselights.storage.control.schema import upload_payload
from tests.uploading import (
    NAMESPACE,
    create,
    delete,
    digest,
    email,
    external_ids,
    introduce,
    log_of,
    roster,
    settle,
)

PEOPLE = 30
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    built = build_house(Settings(data=tmp_path / "data", now=NOON))
    settle(built, PEOPLE)
    yield built
    built.control.close()


@pytest.fixture
def shop(home: House) -> Workspace:
    found = home.control.workspaces.by_name("uploads")
    assert found is not None
    return found


@pytest.fixture
def me(shop: Workspace) -> Caller:
    return Caller.local(shop)


@pytest.fixture
def met(home: House, shop: Workspace) -> Audience:
    return roster(home, shop)


def done(home: House, caller: Caller, upload: MemberUpload | IdentityUpload) -> UploadStatus:
    upload_id = home.intake.accept(caller, upload)
    assert home.intake.status(caller, upload_id).state is UploadState.WAITING
    assert home.worker.work_all() == 1
    return home.intake.status(caller, upload_id)


def records(*given: MemberRecord, **more: Any) -> MemberUpload:
    return MemberUpload(tuple(given), NAMESPACE, **more)


def members(home: House, audience: Audience) -> set[int]:
    snapshot = home.snapshots.newest(audience.workspace_id)
    return {int(each) for each in snapshot.evaluate(Listed(audience.id), _no_audience).ids()}


def _no_audience(audience_id: int) -> Any:
    raise AssertionError(audience_id)


def put(met: Audience, external_id: str | None, *people: int, **more: Any) -> MemberRecord:
    return MemberRecord(
        met.id, more.pop("action", "CREATE"), external_id, tuple(email(each) for each in people), **more
    )


def test_people_come_onto_a_list_and_leave_it(home: House, me: Caller, met: Audience, shop: Workspace) -> None:
    status = done(home, me, create(met.id, [1, 2, 3, 99]))  # nobody is number 99
    assert (status.state, status.received, status.processed, status.matched) == (UploadState.SUCCEEDED, 4, 4, 3)
    assert (status.invalid, status.finished_at, status.audience_ids) == ((), NOON, (met.id,))
    (entry,) = (each for each in home.control.audit.list(shop.id) if each.action == "upload.accept")
    assert (entry.subject, entry.details["records"]) == (status.id, 4)
    assert members(home, met) == {1, 2, 3}
    assert status.generation == home.snapshots.newest(shop.id).generation.number == 2
    done(home, me, delete(met.id, [2]))
    assert members(home, met) == {1, 3}
    rows = log_of(home, shop).select(["person_id", "action"]).to_pylist()
    assert sorted((row["person_id"], row["action"]) for row in rows[:3]) == [(n, "CREATE") for n in (1, 2, 3)]
    assert rows[3:] == [{"person_id": 2, "action": "DELETE"}]
    sizes = home.rosters.sizes(me, met)
    assert (sizes.received, sizes.matched, sizes.active) == (4, 3, 2)  # taking off is no record of the list


def test_many_uploads_are_one_commit_with_their_ids_in_its_note(
    home: House, me: Caller, met: Audience, shop: Workspace
) -> None:
    ids = [home.intake.accept(me, create(met.id, [n])) for n in range(5)]
    assert home.worker.work_all() == 5
    (newest, *_) = home.lake.commits(shop.id, "memberships")
    assert newest.note == {"uploads": ",".join(ids)}
    assert home.snapshots.newest(shop.id).generation.number == 2
    log = log_of(home, shop)
    assert log["upload_id"].to_pylist() == ids
    times = log["time"].to_pylist()
    assert times == [NOON + timedelta(microseconds=n) for n in range(5)]


def test_the_last_word_counts_in_one_upload_and_over_several(home: House, me: Caller, met: Audience) -> None:
    done(home, me, records(put(met, "a", 1), put(met, "a", 1, action="DELETE"), put(met, "b", 2)))
    assert members(home, met) == {2}
    home.intake.accept(me, delete(met.id, [2]))
    home.intake.accept(me, create(met.id, [1]))
    home.intake.accept(me, create(met.id, [2]))
    home.intake.accept(me, delete(met.id, [1]))
    assert home.worker.work_all() == 4
    assert members(home, met) == {2}


def test_what_is_wrong_with_a_record_is_said_of_that_record_alone(
    home: House, me: Caller, met: Audience, shop: Workspace
) -> None:
    ruled = home.audiences.create(me, name="ruled", description="", rule=Everyone())
    gone = roster(home, shop, "put away")
    home.audiences.archive(me, gone.id)
    upload = records(
        MemberRecord(5, "CREATE", "a", (email(1),)),
        MemberRecord(ruled.id, "CREATE", "b", (email(1),)),
        MemberRecord(gone.id, "CREATE", "c", (email(1),)),
        MemberRecord(met.id, "CREATE", "d", ({"email": NOTHING},)),
        MemberRecord(met.id, "CREATE", None),
        put(met, "f", 1, consent_denied=True),
        put(met, "g", 1, country="BR"),
        MemberRecord(met.id, "CREATE", "h", ({"email": "person-1@example.com"},)),
        MemberRecord(met.id, "CREATE", token=("telepathy", "i")),
        put(met, "j", 1, fault="the room did not like it"),
        put(met, "k", 7, country="GB"),
        countries=("GB", "US"),
    )
    status = done(home, me, upload)
    assert [(each.external_id, each.error) for each in status.invalid] == [
        ("a", "there is no such audience"),
        ("b", "the audience is not an uploaded list"),
        ("c", "the audience is archived"),
        ("d", "none of its hashes is of anything"),
        (None, "it names nobody: there are no hashes, no external id and no token"),
        ("f", "consent is denied"),
        ("g", "people of BR cannot be uploaded"),
        ("h", "email is not a SHA-256 hash"),
        ("i", 'there are no tokens in a namespace "telepathy"'),
        ("j", "the room did not like it"),
    ]
    assert status.invalid[0].audience_id == 5
    assert (status.state, status.received, status.processed, status.matched) == (UploadState.SUCCEEDED, 11, 1, 1)
    assert members(home, met) == {7}
    assert home.rosters.sizes(me, met).received == 1
    assert log_of(home, shop)["country"].to_pylist() == ["GB"]
    assert external_ids(home, shop) == {("k", 7): 1}  # what is invalid teaches nothing

    status = done(home, me, records(put(met, "f", 1, consent_denied=True)))
    assert (status.state, status.error) == (UploadState.FAILED, "none of its records is valid")


def test_the_country_of_a_list_is_that_of_records_without_one(home: House, me: Caller, shop: Workspace) -> None:
    german = home.rosters.create(me, name="german list", description="", account_id=None, ttl_seconds=9, country="DE")
    done(home, me, records(put(german, "a", 1), put(german, "b", 2, country="AT")))
    rows = log_of(home, shop).to_pylist()
    assert {row["person_id"]: row["country"] for row in rows} == {1: "DE", 2: "AT"}
    assert home.rosters.ttl_of(german) == 9


def test_an_external_id_is_remembered_of_whoever_matched(
    home: House, me: Caller, met: Audience, shop: Workspace
) -> None:
    done(home, me, records(put(met, "ada", 1), put(met, "house", 2, 3), put(met, "stranger", 99)))
    assert external_ids(home, shop) == {("ada", 1): 1, ("house", 2): 1, ("house", 3): 1}
    done(home, me, records(put(met, "ada", 1), put(met, "house", 3, 4)))
    assert external_ids(home, shop) == {("ada", 1): 1, ("house", 2): 1, ("house", 3): 1, ("house", 4): 1}

    other = roster(home, shop, "another list")
    status = done(home, me, records(put(other, "house"), put(other, "ada", 99), put(other, "stranger")))
    assert members(home, other) == {1, 2, 3, 4}
    assert (status.processed, status.matched) == (3, 2)
    done(home, me, records(MemberRecord(other.id, "CREATE", token=(NAMESPACE, "nobody")), put(other, None, 9)))
    assert members(home, other) == {1, 2, 3, 4, 9}
    # A removal means those known by the id and those the hashes match now.
    done(home, me, records(put(other, "house", 9, action="DELETE")))
    assert members(home, other) == {1}
    done(home, me, MemberUpload((MemberRecord(other.id, "DELETE", "ada"),), "external:somebody else"))
    assert members(home, other) == {1}


def test_one_upload_may_name_whom_another_of_the_same_batch_introduced(
    home: House, me: Caller, met: Audience, shop: Workspace
) -> None:
    ids = [
        home.intake.accept(me, records(put(met, "e1"))),
        home.intake.accept(me, introduce([1, 2, 99])),
        home.intake.accept(me, records(put(met, "e2"), MemberRecord(met.id, "CREATE", token=(NAMESPACE, "e1")))),
    ]
    assert home.worker.work_all() == 3
    statuses = [home.intake.status(me, each) for each in ids]
    assert [each.matched for each in statuses] == [0, 2, 2]
    assert members(home, met) == {1, 2}
    assert external_ids(home, shop) == {("e1", 1): 1, ("e2", 2): 1}


def test_identities_without_hashes_are_invalid(home: House, me: Caller) -> None:
    upload = IdentityUpload((IdentityRecord("a", ({},)), IdentityRecord("b", ({"email": digest("x")},))), NAMESPACE)
    status = done(home, me, upload)
    assert [(each.audience_id, each.external_id) for each in status.invalid] == [(None, "a")]
    assert (status.state, status.processed, status.matched) == (UploadState.SUCCEEDED, 1, 0)


def test_with_several_targets_some_may_have_it_and_others_not(
    home: House, me: Caller, met: Audience, shop: Workspace
) -> None:
    home.control.accounts.put(Account(id=4, workspace_id=shop.id, kind="advertiser", name="Four"))
    here, gone, refused = Target("here", 4), Target("gone", 5), Target("refused", 4, "terms are not accepted")
    status = done(home, me, records(put(met, "a", 1), targets=(here, gone, refused)))
    assert status.state is UploadState.PARTIAL
    assert {each.name: each.error for each in status.targets} == {
        "here": None, "gone": "the account is gone, or no longer granted", "refused": "terms are not accepted",
    }  # fmt: skip
    assert members(home, met) == {1}
    status = done(home, me, records(put(met, "a", 2), targets=(gone, refused)))
    assert status.state is UploadState.FAILED
    assert status.error == "gone: the account is gone, or no longer granted; refused: terms are not accepted"
    assert members(home, met) == {1}
    assert done(home, me, records(put(met, "a", 2), targets=(here,))).state is UploadState.SUCCEEDED


def client_of(home: House, shop: Workspace, *scopes: str, accounts: tuple[int, ...] = ()) -> Caller:
    made = home.access.create_client(
        workspace_id=shop.id, name="a client", scopes=scopes or tuple(SCOPES), accounts=accounts
    )
    client: Client = made.client
    return Caller(client=client, workspace=shop, scopes=frozenset(scopes or SCOPES))


def test_lists_of_accounts_are_changed_only_by_who_may_act_for_them(home: House, me: Caller, shop: Workspace) -> None:
    for number in (4, 5):
        home.control.accounts.put(Account(id=number, workspace_id=shop.id, kind="advertiser", name=str(number)))
    scopes = ("audiences:read", "audiences:write", "imports:write")
    four = client_of(home, shop, *scopes, accounts=(4,))
    of_four = home.rosters.create(four, name="four's list", description="", account_id=4, ttl_seconds=None, origin="x")
    of_five = home.rosters.create(me, name="five's list", description="", account_id=5, ttl_seconds=None)
    with pytest.raises(NotAllowed):
        home.rosters.create(four, name="five's list", description="", account_id=5, ttl_seconds=None)
    status = done(home, four, records(put(of_four, "a", 1), put(of_five, "b", 2)))
    assert [each.error for each in status.invalid] == ["there is no such audience"]
    assert (members(home, of_four), members(home, of_five)) == ({1}, set())
    assert home.rosters.get(four, of_four.id, origin="x").id == of_four.id
    for audience, origin in ((of_five, None), (of_four, "y")):
        with pytest.raises(NotFound):
            home.rosters.get(four, audience.id, origin=origin)
    status = done(home, four, records(put(of_four, "a", 3), origin="y"))
    assert [each.error for each in status.invalid] == ["there is no such audience"]


def test_a_client_reads_of_its_own_uploads_and_an_operator_of_all(home: House, shop: Workspace, met: Audience) -> None:
    mine, other = client_of(home, shop, "imports:write"), client_of(home, shop, "imports:write")
    upload_id = home.intake.accept(mine, create(met.id, [1]))
    assert home.intake.status(mine, upload_id).client_id == mine.client.id  # type: ignore[union-attr]
    assert home.intake.status(client_of(home, shop), upload_id).received == 1
    for stranger, asked in ((other, upload_id), (mine, str(uuid.uuid4())), (mine, "x\x00")):
        with pytest.raises(NotFound):
            home.intake.status(stranger, asked)
    assert [each.id for each in home.intake.list(mine)] == [upload_id]
    assert home.intake.list(other) == []


def test_a_time_to_live_of_nothing_hides_people_and_more_brings_them_back(home: House, me: Caller) -> None:
    brief = home.rosters.create(me, name="brief list", description="", account_id=None, ttl_seconds=60)
    done(home, me, create(brief.id, [1, 2]))
    assert home.rosters.sizes(me, brief).active == 2
    assert home.rosters.update(me, brief.id, ttl_seconds=0).version == 2
    assert home.rosters.sizes(me, brief).active == 0
    home.rosters.update(me, brief.id, ttl_seconds=3600, description="now longer", attributes={"fee": 3})
    again = home.rosters.get(me, brief.id)
    assert (again.description, again.attributes["fee"], home.rosters.sizes(me, again).active) == ("now longer", 3, 2)


def test_logs_of_many_lists_are_read_at_once_and_are_the_same(
    home: House, me: Caller, shop: Workspace, met: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = [met, *(home.rosters.create(me, name=f"{n}", description="", account_id=None, ttl_seconds=None, origin="o")
                    for n in range(5))]  # fmt: skip
    for number, one in enumerate(lists[:4]):
        done(home, me, create(one.id, list(range(1, 2 + number))))
    done(home, me, delete(lists[3].id, [1]))
    ids = [list_of(one) for one in lists]
    generation = home.snapshots.newest(shop.id).generation
    alone, together = (MembershipLog(home.lake, generation) for _ in range(2))
    monkeypatch.setattr("houselights.engine.membership_log.READ_AT_ONCE", 4)
    together.read(ids)
    monkeypatch.setattr(together, "lines", None)  # nothing is left to be read
    for each in ids:
        assert together.of(each).people.tolist() == alone.of(each).people.tolist()
        assert together.of(each).standing()[0].tolist() == alone.of(each).standing()[0].tolist()
        assert together.of(each).ever == alone.of(each).ever
    assert [together.of(each).ever for each in ids] == [1, 2, 3, 4, 0, 0]
    assert home.rosters.below(me, 1, [one.id for one in lists]) == {lists[4].id, lists[5].id}


def test_one_record_again_and_again_is_one_match(home: House, me: Caller, met: Audience) -> None:
    for _ in range(2):
        status = done(home, me, create(met.id, [1] * 50))
        assert (status.received, status.processed, status.matched) == (50, 50, 1)
    sizes = home.rosters.sizes(me, met)
    assert (sizes.received, sizes.matched, sizes.active) == (100, 1, 1)


def test_more_than_may_wait_is_turned_away_until_there_is_room(home: House, me: Caller, met: Audience) -> None:
    knobs = UploadSettings(waiting_records=5)
    parts = replace(home.worker._parts, settings=replace(home.settings, uploads=knobs))
    intake = Intake(parts)
    intake.accept(me, create(met.id, range(9)))  # one alone is always taken, however large
    with pytest.raises(TooManyRequests) as refusal:
        intake.accept(me, create(met.id, [1]))
    assert refusal.value.retry_after_seconds >= 1
    assert home.worker.work_all() == 1
    intake.accept(me, create(met.id, range(3)))
    intake.accept(me, create(met.id, range(2)))
    with pytest.raises(TooManyRequests):
        intake.accept(me, create(met.id, [1]))
    bytewise = Intake(replace(parts, settings=replace(home.settings, uploads=UploadSettings(waiting_bytes=10))))
    with pytest.raises(TooManyRequests):
        bytewise.accept(me, create(met.id, [1]))
    assert len(intake.list(me)) == 3


def test_a_meter_lets_so_many_records_an_hour_through(home: House, me: Caller, met: Audience) -> None:
    start = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
    meter = Meter(key="connection 1", records_per_hour=10)

    def accept(minutes: float, people: int) -> str:
        clock = FixedClock(start + timedelta(minutes=minutes))
        return Intake(home.worker._parts, machine=clock).accept(me, create(met.id, range(people)), meter=meter)

    def refused(minutes: float, people: int) -> int:
        with pytest.raises(TooManyRequests) as refusal:
            accept(minutes, people)
        return refusal.value.retry_after_seconds

    accept(0, 4)
    accept(10, 6)
    assert refused(10, 1) == 50 * 60 - 30
    assert refused(59, 5) == 11 * 60 - 30  # four leave the hour in a minute, the fifth with the six
    accept(60, 4)
    assert refused(60, 1) == 10 * 60 - 30
    assert refused(60, 11) == 3600  # never
    assert len(home.intake.list(me)) == 3  # what was refused was not kept


def test_an_upload_without_records_is_refused(home: House, me: Caller) -> None:
    with pytest.raises(InvalidInput):
        home.intake.accept(me, records())
    with pytest.raises(InvalidInput):
        home.intake.accept(me, MemberUpload((MemberRecord(5, "CREATE", "a"),), "email"))


def test_an_upload_that_cannot_be_worked_on_fails_alone(
    home: House, me: Caller, met: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, damaged, poisoned, better = (home.intake.accept(me, create(met.id, [n])) for n in (1, 2, 3, 4))
    (_, second, _, _) = home.control.uploads.waiting(me.workspace.id, uploads=9, records=9, size=1 << 20)
    with home.control.transaction() as conn:
        where = upload_payload.c.upload_number == second.number
        conn.execute(sa.update(upload_payload).where(where).values(body=b"\x00\x00\x00\x09rubbish"))
    resolved = home.matching.records

    def stumbles(snapshot: Any, columns: Any) -> Any:
        if email(3)["email"] in json.dumps([row["email"] for row in columns.rows()]):
            raise ValueError("a record that nobody thought of")
        return resolved(snapshot, columns)

    monkeypatch.setattr(home.matching, "records", stumbles)
    assert home.worker.work_all() == 4
    states = [home.intake.status(me, each).state for each in (good, damaged, poisoned, better)]
    assert states == [UploadState.SUCCEEDED, UploadState.FAILED, UploadState.FAILED, UploadState.SUCCEEDED]
    assert home.intake.status(me, damaged).error == "what was kept of it cannot be read"
    assert members(home, met) == {1, 4}


def test_what_breaks_on_the_way_is_tried_again_and_doubles_nothing(
    home: House, me: Caller, met: Audience, shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, the database gone: no fault of an upload."""
    upload_id = home.intake.accept(me, create(met.id, [1, 2]))
    finish = home.control.uploads.finish

    def breaks(*_: Any, **__: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(home.control.uploads, "finish", breaks)
    for _ in range(2):
        with pytest.raises(OSError, match="no space"):
            home.worker.work_all()
    assert home.intake.status(me, upload_id).state is UploadState.WAITING
    assert members(home, met) == set()
    monkeypatch.setattr(home.control.uploads, "finish", finish)
    assert home.worker.work_all() == 1
    assert log_of(home, shop)["person_id"].to_pylist() == [1, 2]
    assert external_ids(home, shop) == {("e1", 1): 1, ("e2", 2): 1}


def test_an_import_that_runs_only_delays(
    home: House, me: Caller, met: Audience, shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = home.intake.accept(me, create(met.id, [1]))
    monkeypatch.setattr("houselights.services.intake.work.WAIT_SECONDS", 0.05)
    with only_import(home.settings.data / "locks", shop.id):
        assert home.worker.work_all() == 0
        assert home.intake.status(me, upload_id).state is UploadState.WAITING
    assert home.worker.work_all() == 1


def test_before_the_first_import_uploads_wait(home: House) -> None:
    empty = home.control.workspaces.create("empty", created_at=NOON)
    caller = Caller.local(empty)
    new = roster_in_an_empty_house(home, caller)
    upload_id = home.intake.accept(caller, create(new.id, [1]))
    assert home.worker.work_all() == 0
    assert home.intake.status(caller, upload_id).state is UploadState.WAITING


def roster_in_an_empty_house(home: House, caller: Caller) -> Audience:
    """Audiences are checked against a catalogue, which an empty house does not have; so this is stored directly."""
    made = roster(home, home.control.workspaces.by_name("uploads"))  # type: ignore[arg-type]
    return home.control.audiences.create(replace(made, workspace_id=caller.workspace.id), ())


def test_people_whom_somebody_else_adds_while_we_look_are_found(
    home: House, me: Caller, met: Audience, shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records are matched before the workspace's lock is held; who has become known meanwhile is asked again."""
    upload_id = home.intake.accept(me, records(put(met, "later")))
    resolved = home.matching.tokens
    once: list[int] = []

    def interrupted(snapshot: Any, given: Any) -> Any:
        found = resolved(snapshot, given)
        if not once:
            once.append(1)
            newest = home.snapshots.newest(shop.id)
            identity = [("shard", 0), ("person_id", 8), ("namespace", NAMESPACE), ("value", "later")]
            import pyarrow as pa  # noqa: PLC0415

            from houselights.storage.lake.tables import IDENTITIES  # noqa: PLC0415

            rows = pa.Table.from_pylist([dict(identity)], schema=IDENTITIES.schema)
            version = home.lake.add(shop.id, "identities", rows, upon=newest.generation.tables["identities"])
            tables = {**newest.generation.tables, "identities": version}
            with home.control.transaction() as conn:
                home.control.generations.publish(conn, replace(newest.generation, number=2, tables=tables))
        return found

    monkeypatch.setattr(home.matching, "tokens", interrupted)
    assert home.worker.work_all() == 1
    assert home.intake.status(me, upload_id).matched == 1
    assert members(home, met) == {8}


def test_an_upload_leaves_what_was_worked_out_where_it_is(
    home: House, me: Caller, met: Audience, shop: Workspace
) -> None:
    resolve = home.audiences.resolve(shop)
    before = home.snapshots.newest(shop.id)
    everyone = before.evaluate(Everyone(), resolve)
    overlaps = before.overlaps(everyone)
    rule = HasTrait("none", ("such",)) if before.catalogue.facets else InAudience(met.id)
    kept = before.evaluate(rule, resolve)
    done(home, me, create(roster(home, shop, "another list").id, [1]))
    after = home.snapshots.newest(shop.id)
    assert after.generation.number == 2
    assert after.generation.tables["identities"] != before.generation.tables["identities"]
    assert after.index is before.index
    assert after.overlaps(everyone) is overlaps
    assert after.evaluate(rule, resolve) == kept
    assert after._sets is before._sets


def test_small_files_are_put_together_and_old_outcomes_forgotten(
    home: House, me: Caller, met: Audience, shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houselights.services.intake.work.TIDY_EVERY", 8)
    first = home.intake.accept(me, create(met.id, [0]))
    home.worker.work_all()
    later = replace(home.worker._parts, clock=FixedClock(NOON + timedelta(days=401)))
    worker = Worker(later, home.snapshots, home.matching)
    for number in range(1, 9):
        home.intake.accept(me, create(met.id, [number]))
        assert worker.work_all() == 1
    newest = home.snapshots.newest(shop.id).generation
    files = DeltaTable(home.lake.location(shop.id, "memberships"), version=newest.tables["memberships"]).file_uris()
    assert len(files) <= 3  # one of eight, and those that came after
    assert members(home, met) == set(range(9))
    with pytest.raises(NotFound):
        home.intake.status(me, first)
    # The generations of today are kept for those who may still be reading them; that of last year is forgotten.
    assert [each.number for each in home.control.generations.list(shop.id)] == [*range(11, 2, -1), 1]


def test_who_hears_that_an_upload_is_over_sees_what_it_brought(home: House, me: Caller, met: Audience) -> None:
    """Another process has looked for news a moment ago, and would not look again before half a second is over."""
    other = build_house(home.settings)
    try:
        assert other.rosters.sizes(me, met).active == 0
        upload_id = home.intake.accept(me, create(met.id, [1, 2]))
        home.worker.work_all()
        assert other.intake.status(me, upload_id).state is UploadState.SUCCEEDED
        assert other.rosters.sizes(me, met).active == 2
    finally:
        other.control.close()


def test_what_another_machine_has_written_and_not_published_is_not_published_by_us(
    home: House, me: Caller, met: Audience, shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No lock reaches another machine: that it wrote between our look and our commit is found out afterwards."""
    done(home, me, create(met.id, [1]))
    upload_id = home.intake.accept(me, records(put(met, None, 2)))
    theirs, write = log_of(home, shop), home.lake.write

    def crowded(workspace_id: int, table: str, rows: Any, **how: Any) -> int:
        monkeypatch.setattr(home.lake, "write", write)
        write(workspace_id, table, theirs, mode="append")
        return write(workspace_id, table, rows, **how)

    monkeypatch.setattr(home.lake, "write", crowded)
    assert home.worker.work_all() == 0
    assert log_of(home, shop)["person_id"].to_pylist() == [1]
    assert home.worker.work_all() == 1
    assert home.intake.status(me, upload_id).state is UploadState.SUCCEEDED
    assert log_of(home, shop)["person_id"].to_pylist() == [1, 2]
