"""Lists of ids: sent as files, read line by line, used in audiences, fetched as outputs by links that end."""

import os
import re
from datetime import timedelta
from typing import Any

import pytest

from houselights.apis.statsocial.audiences.uploads import match_before_builds
from houselights.apis.statsocial.policy import Policy
from houselights.base.clock import FixedClock
from houselights.model.rights import OUTPUTS
from houselights.services.id_lists.kinds import KINDS
from tests.apis.statsocial.conftest import BASE, Speaker, Stage

WOMEN = {"operation": "OR", "gender": {"genders": ["female"]}}
KEY = re.compile(r"/uploads/\d{4}-\d\d-\d\d/[0-9a-f]{32}\.[a-z0-9]+")


def sent(client: Speaker, kind: str, content: str | bytes) -> Any:
    body = content if isinstance(content, bytes) else content.encode()
    return client.told("POST", f"/uploads?type={kind}", body, headers={"Content-Type": "text/plain"})


def fetched(client: Speaker, url: str) -> list[str]:
    answer = client.http.get(url.removeprefix(client.house.settings.base_url))
    assert answer.status_code == 200, answer.text
    return answer.text.splitlines()


def output(audience: Any, name: str) -> Any:
    return next(each for each in audience["outputs"] if each["type"] == name)


@pytest.mark.covers("outputs")
def test_every_output_is_counted_and_fetched_by_its_link(client: Speaker) -> None:
    audience = client.audience(WOMEN, outputs=list(OUTPUTS))
    assert [each["type"] for each in audience["outputs"]] == list(OUTPUTS)
    for each in audience["outputs"]:
        assert each["status"] == "completed"
        lines = fetched(client, each["url"])
        assert len(lines) == each["count"] > 0
        assert len(set(lines)) == len(lines)
    assert all("@" in line for line in fetched(client, output(audience, "email_raw")["url"]))


@pytest.mark.covers("upload", "outputs")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ramp_id"])
def test_the_ids_of_an_audience_sent_back_make_the_audience_of_those_who_have_one(client: Speaker, kind: str) -> None:
    women = client.audience(WOMEN, outputs=list(OUTPUTS))
    ids = fetched(client, output(women, kind)["url"])
    upload = sent(client, kind, "\n".join(ids))
    assert KEY.fullmatch(upload["key"])
    assert (upload["ids"], upload["bad_lines"]) == (len(ids), 0)
    back = client.audience(
        {"operation": "OR", "upload": {"keys": [upload["key"]], "type": kind}}, outputs=list(OUTPUTS)
    )
    assert back["status"] == "completed"
    assert sorted(fetched(client, output(back, kind)["url"])) == sorted(ids)
    both = client.size(
        {"operation": "OR", "upload": {"keys": [upload["key"]], "type": kind}}, {**WOMEN, "operation": "AND"}
    )
    assert both == back["size"]


@pytest.mark.covers("upload-form")
def test_a_form_with_a_file_is_taken(client: Speaker) -> None:
    files = {"file": ("ids.csv", b"\xef\xbb\xbfmd5\r\n" + b"a" * 32 + b"\r\n\r\nnot one\r\n" + b"B" * 32, "text/csv")}
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = client.http.post(f"{BASE}/uploads", files=files, data={"type": "md5"}, headers=headers)
    assert answer.status_code == 200, answer.text
    upload = answer.json()["response"]
    assert upload["key"].endswith(".md5")
    assert (upload["type"], upload["status"], upload["heading"]) == ("md5", "ready", True)
    assert (upload["lines"], upload["ids"], upload["blank_lines"], upload["bad_lines"]) == (5, 2, 1, 1)
    assert upload["errors"] == [{"line": 4, "message": "expected 32 hexadecimal digits, not the hash of nothing"}]
    assert client.told("GET", upload["key"]) == upload
    assert upload in client.told("GET", "/uploads")["data"]
    assert client.told("DELETE", upload["key"]) == {"key": upload["key"], "status": "deleted"}
    assert client.refused("GET", upload["key"], status=404)["code"] == "NOT_FOUND"


@pytest.mark.covers("upload-link")
def test_a_file_is_put_to_a_link_without_a_token_once(client: Speaker) -> None:
    made = client.told("POST", "/uploads", {"type": "ss_id"})
    assert (made["status"], made["method"]) == ("waiting", "PUT")
    assert made["key"].endswith(".ssid")
    assert client.refused("GET", made["key"], status=404)["code"] == "NOT_FOUND"
    path = made["url"].removeprefix(client.house.settings.base_url)
    answer = client.http.put(path, content=(line for line in [b"1\n2", b"2\n", b"3"]))
    assert answer.json()["response"]["ids"] == 3
    assert client.told("GET", made["key"])["lines"] == 3
    assert client.http.put(path, content=b"9").status_code == 409
    assert client.http.put(path[:-2] + "AA", content=b"9").status_code == 400
    assert client.told("GET", made["key"])["lines"] == 3


@pytest.mark.covers("upload-link")
def test_a_link_is_had_and_a_file_sent_with_what_curl_says_by_itself(client: Speaker) -> None:
    plain = {"Content-Type": "application/x-www-form-urlencoded"}
    made = client.told("POST", "/uploads", {"type": "md5"}, headers=plain)
    assert (made["status"], made["key"][-4:]) == ("waiting", ".md5")
    assert client.told("POST", "/uploads?type=ss_id", "1\n2\n", headers=plain)["ids"] == 2
    assert client.refused("POST", "/uploads", "type=md5", headers=plain)["code"] == "INVALID_PARAMETERS"


@pytest.mark.parametrize(("type_", "content", "headers", "field"), [
    ("ssid", b"1", {}, "type"), ("ss_id", b"a b", {}, "file"),
    ("ss_id", b"1", {"Content-Encoding": "gzip"}, "Content-Encoding"),
    ("", b"1", {}, "type"),
])  # fmt: skip
def test_what_is_no_list_is_refused_and_nothing_is_kept(
    client: Speaker, type_: str, content: bytes, headers: dict[str, str], field: str
) -> None:
    folder = client.house.settings.data / "id-lists"
    before = sorted(folder.rglob("*"))
    error = client.refused("POST", f"/uploads?type={type_}", content, headers={"Content-Type": "text/csv", **headers})
    assert (error["code"], error["errors"][0]["field"]) == ("INVALID_PARAMETERS", field)
    assert sorted(folder.rglob("*")) == before


def test_a_neighbour_knows_no_key(client: Speaker, stage: Stage) -> None:
    upload = sent(client, "ss_id", "1\n2")
    house = stage.house
    elsewhere = house.control.workspaces.create("elsewhere", created_at=house.clock.now())
    made = house.access.create_client(workspace_id=elsewhere.id, name="n", scopes=("audiences:read", "audiences:write"))
    neighbour = Speaker(client.http, house.access.static_token(made.client), house, made.client.id)
    assert neighbour.refused("GET", upload["key"], status=404)
    assert neighbour.refused("DELETE", upload["key"], status=404)
    assert neighbour.told("GET", "/uploads")["data"] == []


@pytest.mark.covers("upload")
def test_an_unknown_key_means_nobody_or_is_refused(client: Speaker, strict: Speaker) -> None:
    unknown = {"keys": ["/uploads/2022-11-02/078ace94fad569f01d1a3a99a440cf5c.ssid"], "type": "ss_id"}
    audience = client.audience({"operation": "OR", "upload": unknown})
    assert (audience["status"], audience["size"]) == ("completed", 0)
    assert any("there is no file" in str(note) for note in audience["notes"])
    body = {"audience": {"name": "n"}, "parameters": [{"operation": "OR", "upload": unknown}]}
    assert strict.refused("POST", "/audiences", body)["errors"][0]["field"] == "parameters[0].upload.keys[0]"


def test_a_file_that_goes_before_it_is_used_fails_a_strict_build_and_empties_a_lenient_one(
    client: Speaker, strict: Speaker, stage: Stage
) -> None:
    ids = fetched(client, output(client.audience(WOMEN, outputs=["ss_id"]), "ss_id")["url"])
    for speaker in (strict, client):
        # Both rooms are over one house: whichever was opened last decides, as in a house there is one.
        upload = sent(speaker, "ss_id", "\n".join(ids[:40]))
        parameter = {"operation": "OR", "upload": {"keys": [upload["key"]], "type": "ss_id"}}
        made = speaker.told("POST", "/audiences", {"audience": {"name": "n"}, "parameters": [parameter]})
        speaker.told("DELETE", upload["key"])
        is_strict = speaker is strict
        match_before_builds(stage.house, Policy(strict=is_strict))
        stage.house.build_worker.work()
        audience = speaker.told("GET", f"/audiences/{made['id']}")
        if is_strict:
            assert (audience["status"], audience["error"]) == ("failed", f"there is no upload {upload['key']}")
        else:
            assert (audience["status"], audience["size"]) == ("completed", 0)


@pytest.mark.covers("upload-kept")
def test_audiences_stay_when_their_file_is_deleted_and_files_go_when_they_are_old(stage: Stage) -> None:
    client, house = stage.speaker(), stage.house
    ids = fetched(client, output(client.audience(WOMEN, outputs=["ss_id"]), "ss_id")["url"])
    upload = sent(client, "ss_id", "\n".join(ids[:50]))
    parameter = {"operation": "OR", "upload": {"keys": [upload["key"]], "type": "ss_id"}}
    built = client.audience(parameter, outputs=["ss_id"])
    assert built["size"] == 50
    folder = house.settings.data / "id-lists" / str(stage.workspace.id)
    for name in ("left.txt", "left.draft", "young.draft"):
        (folder / name).write_text("1\n")
        if name.startswith("left"):
            os.utime(folder / name, (0, 0))
    lists = house.id_lists
    lists.clear_the_old()
    assert [name for name in os.listdir(folder) if "left" in name or "young" in name] == ["young.draft"]
    (folder / "young.draft").unlink()
    assert client.told("GET", upload["key"])["ids"] == 50
    before, lists._clock = lists._clock, FixedClock(house.clock.now() + timedelta(days=31))
    try:
        assert lists.clear_the_old() >= 1
    finally:
        lists._clock = before
    assert client.refused("GET", upload["key"], status=404)
    assert not list((house.settings.data / "id-lists").rglob("*.txt"))
    assert client.told("GET", f"/audiences/{built['id']}")["size"] == 50
    assert len(fetched(client, output(built, "ss_id")["url"])) == 50
    again = client.told("POST", f"/audiences/{built['id']}/regenerate", {})
    house.build_worker.work()
    assert client.told("GET", f"/audiences/{again['id']}")["size"] == 0
