"""Uploads in our own words: clients read of theirs, operators of all and of what would become of a record."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from houselights.app import build_house, create_app
from houselights.base.settings import Settings
from houselights.model.audience import Audience
from houselights.model.workspace import SCOPES, Workspace
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.intake.payload import MemberRecord, MemberUpload
from tests.uploading import NAMESPACE, create, email, external_ids, log_of, roster, settle


@pytest.fixture
def home(tmp_path: Any) -> Iterator[House]:
    built = build_house(Settings(data=tmp_path / "data"))
    settle(built, 20)
    yield built
    built.control.close()


@pytest.fixture
def shop(home: House) -> Workspace:
    found = home.control.workspaces.by_name("uploads")
    assert found is not None
    return found


@pytest.fixture
def met(home: House, shop: Workspace) -> Audience:
    return roster(home, shop)


def speaker(home: House, shop: Workspace, *scopes: str) -> tuple[TestClient, Caller]:
    made = home.access.create_client(workspace_id=shop.id, name="a client", scopes=scopes or tuple(SCOPES))
    http = TestClient(create_app(home), raise_server_exceptions=False)
    http.headers["Authorization"] = f"Bearer {home.access.static_token(made.client)}"
    return http, Caller(client=made.client, workspace=shop, scopes=frozenset(scopes or SCOPES))


def test_a_client_reads_what_became_of_its_uploads_but_not_who_matched(
    home: House, shop: Workspace, met: Audience
) -> None:
    """{"id", "kind", "state", "audiences", "received", "processed", "matched": null, "invalid": […], …}"""
    http, caller = speaker(home, shop, "imports:write")
    upload = create(met.id, [1, 2, 99])
    refused = MemberRecord(5, "CREATE", "odd", (email(1),))
    upload_id = home.intake.accept(caller, MemberUpload((*upload.records, refused), NAMESPACE))
    told = http.get(f"/v1/uploads/{upload_id}").json()
    assert (told["state"], told["received"], told["finished_at"], told["generation"]) == ("waiting", 4, None, None)
    home.worker.work_all()
    told = http.get(f"/v1/uploads/{upload_id}").json()
    assert {name: told[name] for name in ("id", "kind", "state", "received", "processed", "matched", "error")} == {
        "id": upload_id, "kind": "members", "state": "succeeded", "received": 4, "processed": 3, "matched": None,
        "error": None,
    }  # fmt: skip
    assert told["audiences"] == ["5", str(met.id)]
    assert told["invalid"] == [{"audience": "5", "external_id": "odd", "error": "there is no such audience", "at": 3}]
    (listed,) = http.get("/v1/uploads").json()["items"]
    assert listed == {name: value for name, value in told.items() if name != "invalid"}

    other, _ = speaker(home, shop, "imports:write")
    assert other.get(f"/v1/uploads/{upload_id}").status_code == 404
    assert other.get("/v1/uploads").json() == {"items": [], "next_before": None}
    operator, _ = speaker(home, shop)
    assert operator.get(f"/v1/uploads/{upload_id}").json()["matched"] == 2


def test_uploads_are_listed_page_by_page_and_by_state(home: House, shop: Workspace, met: Audience) -> None:
    http, caller = speaker(home, shop)
    ids = [home.intake.accept(caller, create(met.id, [n])) for n in range(3)]
    first = http.get("/v1/uploads", params={"limit": 2}).json()
    assert [each["id"] for each in first["items"]] == [ids[2], ids[1]]
    rest = http.get("/v1/uploads", params={"before": first["next_before"]}).json()
    assert ([each["id"] for each in rest["items"]], rest["next_before"]) == ([ids[0]], None)
    home.worker.work_all()
    later = home.intake.accept(caller, create(met.id, [4]))
    waiting = http.get("/v1/uploads", params={"state": "waiting"}).json()["items"]
    assert [each["id"] for each in waiting] == [later]
    assert len(http.get("/v1/uploads", params={"state": ["waiting", "succeeded"]}).json()["items"]) == 4
    assert http.get("/v1/uploads", params={"state": "lost"}).status_code == 422


def test_a_try_says_what_would_become_of_each_record_and_keeps_nothing(
    home: House, shop: Workspace, met: Audience
) -> None:
    """{"records": [{"error", "people", "rules": [{"email": "one", …}]}]}, in the order sent."""
    http, _ = speaker(home, shop)
    audience = str(met.id)
    records = [
        {"audience": audience, "external_id": "a", "hashed": [email(1), email(99)]},
        {"audience": audience, "external_id": "a", "hashed": []},
        {"audience": "5", "hashed": [email(1)]},
        {"audience": audience, "token": {"namespace": "maid", "value": "x"}},
        {"audience": audience, "action": "DELETE", "hashed": [{"email": email(2)["email"].upper()}]},
    ]
    answered = http.post("/v1/uploads/dry-run", json={"records": records, "client": "tester"})
    assert answered.status_code == 200, answered.text
    told = answered.json()["records"]
    assert [(each["error"], each["people"]) for each in told] == [
        (None, 1), (None, 1), ("there is no such audience", 0), (None, 0), (None, 1),
    ]  # fmt: skip
    assert [rules["email"] for rules in told[0]["rules"]] == ["one", "nobody"]
    assert told[0]["rules"][0]["email and phone"] == "fields_missing"
    assert told[1]["rules"] == []
    assert home.intake.list(Caller.local(shop)) == []
    assert (log_of(home, shop).num_rows, external_ids(home, shop)) == (0, {})
    assert home.snapshots.newest(shop.id).generation.number == 1
    entries = home.control.audit.list(shop.id)
    assert any(entry.action == "uploads.rehearse" and entry.details["records"] == 5 for entry in entries)


@pytest.mark.parametrize("body", [{}, {"records": []}, {"records": [{"audience": "1", "hashed": [{"email": "x"}]}]}])
def test_a_try_of_nothing_or_of_what_is_no_hash_is_refused(home: House, shop: Workspace, body: Any) -> None:
    http, _ = speaker(home, shop)
    assert http.post("/v1/uploads/dry-run", json=body).status_code == 422


def test_only_operators_may_try_and_only_uploaders_may_read(home: House, shop: Workspace, met: Audience) -> None:
    record = {"audience": str(met.id), "hashed": [email(1)]}
    uploader, caller = speaker(home, shop, "imports:write")
    assert uploader.post("/v1/uploads/dry-run", json={"records": [record]}).status_code == 403
    upload_id = home.intake.accept(caller, create(met.id, [1]))
    reader, _ = speaker(home, shop, "audiences:read")
    assert reader.get("/v1/uploads").status_code == 403
    assert reader.get(f"/v1/uploads/{upload_id}").status_code == 403
