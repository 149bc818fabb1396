"""Who gets which output: what a client may have made, hear of and fetch, for every combination of the three."""

from itertools import product
from typing import Any

import pytest

from houselights.model.rights import Rights
from houselights.model.workspace import SCOPES
from tests.apis.statsocial.conftest import Speaker, Stage

WOMEN = {"operation": "OR", "gender": {"genders": ["female"]}}
ALL, NONE, ONE = None, frozenset[str](), frozenset({"md5"})
ASKED = ["md5", "twitter_id"]


def made_by(speaker: Speaker, stage: Stage, rights: Rights, outputs: list[str] | None) -> Any:
    stage.house.rights.put(stage.operator, speaker.number, rights)
    more = {} if outputs is None else {"outputs": outputs}
    answer = speaker.send("POST", "/audiences", {"audience": {"name": "n"}, "parameters": [WOMEN], **more})
    if answer.status_code != 200:
        return answer.status_code
    speaker.house.build_worker.work()
    return speaker.told("GET", f"/audiences/{answer.json()['response']['id']}")


@pytest.mark.covers("output-rights")
@pytest.mark.parametrize(
    ("choose", "generate", "outputs"), list(product([True, False], [ALL, NONE, ONE], [None, ASKED, ["md5"], []]))
)
def test_what_is_made_heard_of_and_fetched(
    stage: Stage, choose: bool, generate: frozenset[str] | None, outputs: list[str] | None
) -> None:
    speaker = stage.speaker()
    rights = Rights(choose_outputs=choose, generate=generate)
    everything = ["ss_id", "twitter_id", "twitter_user", "md5", "email_raw", "cint_id", "ma_id"]
    allowed = [each for each in everything if rights.may_generate(each)]
    wanted = outputs if choose and outputs is not None else allowed
    audience = made_by(speaker, stage, rights, outputs)
    if any(each not in allowed for each in wanted if each != "ss_id"):
        assert audience == 403
        return
    made = [each for each in everything if each == "ss_id" or each in wanted]
    assert [each["type"] for each in audience["outputs"]] == made
    for view, download in product([ALL, NONE, ONE], repeat=2):
        now = Rights(choose_outputs=choose, generate=generate, view=view, download=download)
        stage.house.rights.put(stage.operator, speaker.number, now)
        read = {each["type"]: each for each in speaker.told("GET", f"/audiences/{audience['id']}")["outputs"]}
        assert list(read) == [each for each in made if now.may_view(each)]
        for name, output in read.items():
            assert (output["url"] is not None) == now.may_download(name)
        for before in audience["outputs"]:  # links of before are worth what the rights of now are
            got = speaker.http.get(before["url"].removeprefix(speaker.house.settings.base_url))
            assert (got.status_code == 200) == now.may_download(before["type"]), (before, view, download)


def test_without_the_scope_to_export_there_is_no_link(stage: Stage) -> None:
    speaker = stage.speaker(*(scope for scope in SCOPES if scope not in {"operator", "profiles:read"}))
    audience = made_by(speaker, stage, Rights(), None)
    assert len(audience["outputs"]) == 7
    assert {each["url"] for each in audience["outputs"]} == {None}


@pytest.mark.covers("output-links")
def test_a_link_is_of_one_client_one_audience_one_output_and_ends(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker, other = stage.speaker(), stage.speaker()
    audience = made_by(speaker, stage, Rights(), ["md5"])
    url = next(each["url"] for each in audience["outputs"] if each["type"] == "md5")
    path = url.removeprefix(speaker.house.settings.base_url)
    assert speaker.http.get(path).status_code == 200
    theirs = other.told("GET", f"/audiences/{audience['id']}")["outputs"]
    assert url not in {each["url"] for each in theirs}
    for place in (len(path) - 1, path.rindex("/") + 3, len(path) // 2):
        forged = path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]
        assert speaker.http.get(forged).status_code == 400
    stage.house.access.disable_client(stage.workspace.id, other.number)
    assert speaker.http.get(path).status_code == 200
    stage.house.access.disable_client(stage.workspace.id, speaker.number)
    assert speaker.http.get(path).status_code == 404


def test_the_link_of_an_audience_that_is_deleted_opens_nothing(stage: Stage) -> None:
    speaker = stage.speaker()
    audience = made_by(speaker, stage, Rights(), ["md5"])
    path = audience["outputs"][0]["url"].removeprefix(speaker.house.settings.base_url)
    speaker.told("DELETE", f"/audiences/{audience['id']}")
    assert speaker.http.get(path).status_code == 404


def test_who_has_no_such_ids_is_told_so(stage: Stage) -> None:
    speaker, outputs = stage.speaker(), stage.house.outputs
    ids = outputs._ids
    before, ids._raw_email = ids._raw_email, "personalEmail.nowhere"
    try:
        audience = made_by(speaker, stage, Rights(), None)
    finally:
        ids._raw_email = before
    [raw] = [each for each in audience["outputs"] if each["type"] == "email_raw"]
    assert (raw["status"], raw["count"], raw["url"]) == ("unavailable", None, None)
