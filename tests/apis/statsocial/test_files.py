"""Lists of ids: sent as files, read line by line, used in audiences, fetched as outputs by links that end."""

import re
from typing import Any

import pytest

from houselights.model.rights import OUTPUTS
from houselights.services.id_lists.kinds import KINDS
from houselights.services.outputs.ids import PeopleIds
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


def test_every_output_is_counted_and_fetched_by_its_link(client: Speaker) -> None:
    audience = client.audience(WOMEN, outputs=list(OUTPUTS))
    assert [each["type"] for each in audience["outputs"]] == list(OUTPUTS)
    for each in audience["outputs"]:
        assert each["status"] == "completed"
        lines = fetched(client, each["url"])
        assert len(lines) == each["count"] > 0
        assert len(set(lines)) == len(lines)
    assert all("@" in line for line in fetched(client, output(audience, "email_raw")["url"]))


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
