"""A rule in every language that can say it, there and back; and why not, where one cannot."""

from typing import Any

import pytest
from starlette.testclient import TestClient

WOMEN = {"trait": {"facet": "gender", "any_of": ["female"]}}
COOKS = {"trait": {"facet": "interests", "any_of": ["cooking", "vegan"]}}
WORDS = {"mentions": {"fields": ["bio"], "phrases": ["coffee"]}}


def said(client: TestClient, language: str, rule: Any) -> Any:
    return client.post(f"/v1/languages/{language}/write", json={"rule": rule})


def size(client: TestClient, rule: Any) -> int:
    told: int = client.post("/v1/size", json={"rule": rule}).json()["exact"]
    return told


def test_languages_are_listed_with_what_people_call_them(client: TestClient) -> None:
    listed = {one["name"]: one["title"] for one in client.get("/v1/languages").json()["items"]}
    assert {"amazon": "Amazon expression", "adobe": "Profile Query Language"}.items() <= listed.items()


@pytest.mark.parametrize("language", ["amazon", "adobe"])
@pytest.mark.parametrize(
    "rule", [WOMEN, COOKS, {"and": [WOMEN, COOKS]}, {"and": [WOMEN, {"not": COOKS}]}, {"or": [WOMEN, COOKS]}]
)
def test_what_can_be_said_means_the_same_people_when_it_is_read_again(
    client: TestClient, language: str, rule: Any
) -> None:
    written = said(client, language, rule)
    assert written.status_code == 200, written.text
    read = client.post(f"/v1/languages/{language}/read", json={"text": written.json()["text"]})
    assert read.status_code == 200, read.text
    assert size(client, read.json()["rule"]) == size(client, rule) > 0


@pytest.mark.parametrize(
    ("language", "rule", "field"),
    [
        ("amazon", WORDS, "rule"),
        ("amazon", {"and": [WOMEN, {"or": [COOKS, {"and": [WOMEN, COOKS]}]}]}, "rule.and[1].or[1]"),
        ("amazon", {"and": [{"not": WOMEN}, {"not": COOKS}]}, "rule.and[1]"),
        ("adobe", {"and": [WOMEN, {"or": [WORDS, COOKS]}]}, "rule.and[1].or[0]"),
        ("adobe", {"at_least": {"k": 1, "of": [WOMEN]}}, "rule"),
    ],
)
def test_what_cannot_be_said_is_told_with_the_place(client: TestClient, language: str, rule: Any, field: str) -> None:
    refused = said(client, language, rule)
    assert (refused.status_code, refused.json()["field"]) == (422, field), refused.text


def test_faults_in_text_are_pointed_at(client: TestClient) -> None:
    json_fault = client.post("/v1/languages/amazon/read", json={"text": '{"audiences": ['}).json()
    assert "^" in json_fault["caret"]
    path = client.post("/v1/languages/adobe/read", json={"text": "person.agee > 30"}).json()
    assert "^" in path["caret"]
    unknown = client.post("/v1/languages/klingon/read", json={"text": "x"})
    assert unknown.status_code == 404
