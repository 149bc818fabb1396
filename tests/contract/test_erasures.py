"""Erasures are kept, changed and listed; hashes are held back; names are overwritten; the files are written anew."""

from datetime import UTC, datetime, timedelta

import pytest

from houselights.base.errors import NotFound
from houselights.model.erasure import Erasure, ErasureScope, ErasureState
from houselights.model.motion import ArrivalKind
from houselights.model.upload import InvalidRecord, UploadKind, UploadState
from houselights.services.erasure.look import Findings, Search, look_into_database
from houselights.services.erasure.scrub import ERASED, Names, scrub, scrub_uploads
from houselights.services.intake.payload import (
    IdentityRecord,
    IdentityUpload,
    MemberRecord,
    MemberUpload,
    Payload,
    pack,
    unpack,
)
from houselights.storage.control.control import Control
from houselights.storage.control.database import compact
from houselights.storage.control.uploads import NewUpload, Outcome

AT = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)
HASH = "ab" * 32


@pytest.fixture
def workspace(control: Control) -> int:
    return control.workspaces.create("one", created_at=AT).id


def erasure(workspace: int, name: str = "a", **more: object) -> Erasure:
    given = {
        "id": name, "workspace_id": workspace, "client_id": None, "account_id": None,
        "scope": ErasureScope.EVERYTHING, "state": ErasureState.WAITING, "requested_at": AT, "until": AT,
        "identities": (("email", HASH),), "people": (3, 5), "lists": (10**17,), "uploads": ("u",),
        "needles": (("key", "ada"),), "report": {"rows": {"people": 1}},
    }  # fmt: skip
    return Erasure(**{**given, **more})  # type: ignore[arg-type]


def test_erasures_are_kept_and_come_back_as_they_were(control: Control, workspace: int) -> None:
    other = control.workspaces.create("two", created_at=AT).id
    one, two = erasure(workspace), erasure(workspace, "b", generation=4)
    with control.transaction() as conn:
        for each in (one, two, erasure(other, "c")):
            control.erasures.add(conn, each)
    assert control.erasures.get(workspace, "a") == one
    assert control.erasures.list(workspace) == [one, two]
    assert control.erasures.list(workspace, limit=1) == [two]
    assert control.erasures.list(workspace, client_id=9) == []
    assert control.erasures.workspaces_unfinished() == [workspace, other]
    assert (control.erasures.first_generation(workspace), control.erasures.first_generation(other)) == (4, 0)
    control.erasures.change("a", state=ErasureState.DONE.value, needles=[], identities=[], finished_at=AT)
    found = control.erasures.get(workspace, "a")
    assert (found.state, found.needles, found.identities, found.finished_at) == (ErasureState.DONE, (), (), AT)
    assert control.erasures.list(workspace, states=[ErasureState.WAITING]) == [two]
    for name in ("a", "no such", "\0"):
        with pytest.raises(NotFound):
            control.erasures.get(other, name)


def test_hashes_are_held_back_once_and_let_go(control: Control, workspace: int) -> None:
    hashes = [f"{number:064}" for number in range(1_200)]
    for _ in range(2):
        with control.transaction() as conn:
            control.erasures.hold_back(conn, workspace, hashes, AT)
    assert sorted(control.erasures.held_back(workspace)) == hashes
    assert control.erasures.among_held_back(workspace, [*hashes, "other"]) == set(hashes)
    assert control.erasures.let_go(workspace, hashes[:2]) == 2
    assert control.erasures.among_held_back(workspace, hashes) == set(hashes[2:])
    assert control.erasures.held_back(workspace + 1) == []


NAMES = Names(
    frozenset({("key", "customer-1"), ("email", HASH), ("external:us", "their-1"), ("cookie", "ck")}), frozenset({7})
)


def test_names_are_overwritten_whole_and_no_others() -> None:
    given = {
        "customer-1": ["customer-1", "customer-12", "x-customer-1", "ck", "luck"],
        "text": f"key customer-1, mail {HASH}.",
        "number": 1,
    }
    assert NAMES.overwritten(given) == {
        ERASED: [ERASED, "customer-12", "x-customer-1", ERASED, "luck"],
        "text": f"key {ERASED}, mail {ERASED}.",
        "number": 1,
    }


def keep(control: Control, workspace: int, payload: Payload, name: str, client_id: int | None = None) -> None:
    kind = UploadKind.MEMBERS if isinstance(payload, MemberUpload) else UploadKind.IDENTITIES
    new = NewUpload(
        id=name, workspace_id=workspace, client_id=client_id, owners=None, kind=kind, received=len(payload.records),
        audience_ids=(), payload=pack(payload), received_at=AT,
    )  # fmt: skip
    with control.transaction() as conn:
        control.uploads.add(conn, new)


def waiting(control: Control, workspace: int) -> list[Payload]:
    found = control.uploads.waiting(workspace, uploads=9, records=99, size=1 << 20)
    return [unpack(each.payload) for each in found]


def test_nothing_that_names_somebody_is_left_in_any_table(control: Control, workspace: int) -> None:
    arrivals = control.arrivals.add(
        workspace, ArrivalKind.PROFILE,
        [{"key": "customer-1", "identities": []}, {"key": None, "identities": [["email", HASH]]},
         {"key": "customer-2", "identities": []}, {"key": None, "identities": [["cookie", "hers"]]}], AT,
    )  # fmt: skip
    with control.transaction() as conn:
        control.arrivals.placed(conn, workspace, 2, {arrivals[3]: {"person": "7"}, arrivals[2]: {"person": "8"}})
    records = (
        MemberRecord(1, "CREATE", "their-1"),
        MemberRecord(1, "CREATE", "their-2", ({"email": "cd" * 32},)),
        MemberRecord(1, "CREATE", None, ({"email": HASH},)),
        MemberRecord(1, "DELETE", None, (), ("cookie", "ck")),
    )
    keep(control, workspace, MemberUpload(records, "external:us", "an origin", ("GB",)), "first")
    identities = (IdentityRecord("their-1", ()), IdentityRecord("their-3", ()))
    keep(control, workspace, IdentityUpload(identities, "external:us"), "second")
    keep(control, workspace, MemberUpload((MemberRecord(1, "CREATE", "their-1"),), "external:others"), "third")
    control.documents.put(workspace, "preview", "1", {"who": ["customer-1", "customer-2"]}, AT)
    with control.transaction() as conn:
        changed = scrub(conn, workspace, NAMES)
    assert (changed["arrival"], changed["upload_payload"], changed["document"]) == (3, 2, 1)
    assert [each.id for each in control.arrivals.find(workspace, arrivals)] == [arrivals[2]]
    first, second, third = waiting(control, workspace)
    assert first == MemberUpload((records[1],), "external:us", "an origin", ("GB",))
    assert second == IdentityUpload((identities[1],), "external:us")
    assert len(third.records) == 1
    assert control.documents.get(workspace, "preview", "1").body == {"who": [ERASED, "customer-2"]}
    found = Findings()
    look_into_database(control, Search(NAMES.names, {}), found)
    assert (found.traces, found.database_rows > 5) == ([], True)
    compact(control.database)
    assert control.workspaces.get(workspace).name == "one"


def test_of_a_client_only_what_became_of_its_uploads_by_then(control: Control, workspace: int) -> None:
    payload = MemberUpload((MemberRecord(1, "CREATE", "their-1"),), "external:us")
    for name, number in (("mine", 4), ("another's", 5)):
        keep(control, workspace, payload, name, number)
    assert control.uploads.lease(workspace, "me", instead_of="me", now=AT, seconds=60)
    invalid = (InvalidRecord(audience_id=1, external_id="their-1", error="so"),)
    outcomes = [
        Outcome(number=each.number, state=UploadState.SUCCEEDED, invalid=invalid)
        for each in control.uploads.waiting(workspace, uploads=9, records=9, size=1 << 20)
    ]
    with control.transaction() as conn:
        control.uploads.finish(conn, workspace, "me", outcomes, {}, generation=1, at=AT)
    names = Names(frozenset({("external:us", "their-1")}))
    with control.transaction() as conn:
        assert scrub_uploads(conn, workspace, 4, AT - timedelta(seconds=1), names) == {"upload": 0}
        assert scrub_uploads(conn, workspace, 4, AT, names) == {"upload": 1}
    told = [control.uploads.get(workspace, name).invalid[0].external_id for name in ("mine", "another's")]
    assert told == [ERASED, "their-1"]


def test_a_trace_is_told_by_its_place(control: Control, workspace: int) -> None:
    control.documents.put(workspace, "note", "1", {"text": "ask customer-1 about ck", "short": "ck"}, AT)
    control.workspaces.create("customer-1", created_at=AT)
    found = Findings()
    look_into_database(control, Search({("key", "customer-1")}, {}), found)
    assert found.traces == ["control database, workspace.name: a name", "control database, document.body: a name"]
    short = Findings()
    look_into_database(control, Search({("cookie", "ck")}, {}), short)
    assert short.traces == ["control database, document.body: a name"]
