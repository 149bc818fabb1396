"""Who is let in, how refusals look, what is mended, and that the table of operations is the room."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.apis.statsocial.operations import OPERATIONS, PATHS
from houselights.apis.statsocial.policy import Policy
from houselights.apis.statsocial.wire import body_of, without_trailing_commas
from houselights.base.errors import InvalidInput
from tests.apis.statsocial.conftest import BASE, Speaker, Stage


def test_the_table_and_the_routes_are_the_same_list(stage: Stage) -> None:
    document: Any = stage.http.get("/statsocial/openapi.json").json()
    routes = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert routes == {(operation.method, operation.path) for operation in OPERATIONS}
    assert all(any(operation.path.startswith(f"{prefix}/") for prefix in PATHS) for operation in OPERATIONS)
    assert "/platform/v0/affinities" in stage.http.get("/statsocial/docs").text


@pytest.mark.covers("login")
@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic abc", "Bearer hls_nobody"])
def test_nobody_comes_in_without_a_token(stage: Stage, header: str | None) -> None:
    for operation in OPERATIONS:
        if operation.scope is None:
            continue
        path = operation.path.replace("{", "").replace("}", "")
        reply = stage.http.request(operation.method, path, headers={} if header is None else {"Authorization": header})
        assert reply.status_code == 401, operation
        assert reply.json()["error"]["code"] == "NOT_AUTHENTICATED"
        assert reply.json()["information"] == {"version": "0.0.1"}
        assert reply.headers["www-authenticate"] == "Bearer"


def test_a_scope_is_needed(stage: Stage) -> None:
    reader = stage.speaker("audiences:read")
    assert len(reader.told("GET", "/affinities")) == 7
    refused = reader.refused("POST", "/audiences", {}, status=403)
    assert refused["code"] == "NOT_ALLOWED"
    assert "audiences:write" in refused["message"]


@pytest.mark.covers("errors")
def test_refusals_have_one_envelope(client: Speaker, stage: Stage) -> None:
    unknown = client.refused("GET", "/nothing", status=404)
    assert unknown["code"] == "NOT_FOUND"
    wrong = client.send("DELETE", "/affinities")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
    assert wrong.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert client.refused("GET", "/audiences/7x", status=404)["code"] == "NOT_FOUND"
    assert client.refused("GET", f"/audiences/{1 << 70}", status=404)["code"] == "NOT_FOUND"
    assert client.refused("POST", "/audiences", "{", status=400)["code"] == "INVALID_PARAMETERS"
    assert client.refused("POST", "/audiences", b"\xff", status=400)["code"] == "INVALID_PARAMETERS"
    assert client.refused("POST", "/audiences", "[" * 100_000, status=400)["code"] == "INVALID_PARAMETERS"
    assert client.refused("POST", "/audiences", b" " * (5 << 20), status=413)["code"] == "TOO_LARGE"
    fields = {each["field"] for each in client.refused("POST", "/audiences", "", status=400)["errors"]}
    assert fields == {"audience", "parameters"}
    assert stage.http.get(f"{BASE}/affinities/", headers={"Authorization": f"Bearer {client.token}"}).status_code == 200


def test_a_client_that_asks_too_often_waits(stages: Any) -> None:
    hasty = stages(Policy(rate="1/minute")).speaker()
    hasty.told("GET", "/credits")
    reply = hasty.send("GET", "/credits")
    assert reply.status_code == 429
    assert reply.json()["error"]["code"] == "TOO_MANY_REQUESTS"
    assert int(reply.headers["retry-after"]) >= 1


@pytest.mark.parametrize("word", ["1", "YES", "on"])
def test_an_operator_may_want_the_words_kept(word: str) -> None:
    assert Policy.from_environment({"HOUSELIGHTS_STATSOCIAL_STRICT": word}).strict
    assert not Policy.from_environment({}).strict
    with pytest.raises(InvalidInput):
        Policy.from_environment({"HOUSELIGHTS_STATSOCIAL_STRICT": "perhaps"})


kept_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a,]}"\\[{ \n'), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(kept_text, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.covers("trailing-commas")
@given(values)
def test_json_is_mended_to_what_was_meant(value: Any) -> None:
    text = json.dumps(value, indent=1)
    assert without_trailing_commas(text) == text
    assert json.loads(body_of(_trailing(value).encode())) == value


def _trailing(value: Any) -> str:
    """Write JSON with a comma after every last item."""
    if isinstance(value, dict):
        return "{" + "".join(f"{json.dumps(key)}: {_trailing(each)} ,\n" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + "".join(f"{_trailing(each)}, " for each in value) + "]"
    return json.dumps(value)


@pytest.mark.parametrize("text", ["{,}", "[,1]", '{"a": 1,, }', "[1,,]", '{"a" 1,}'])
def test_nothing_else_is_mended(text: str) -> None:
    with pytest.raises(InvalidInput):
        body_of(text.encode())


@pytest.mark.covers("errors")
@pytest.mark.parametrize(
    ("value", "field"),
    [
        ('"\\ud800"', "parameters[0].affinities.affinities[0].more[1]"),
        ('"\\u0000"', "parameters[0].affinities.affinities[0].more[1]"),
        ('{"\\ud800": 1}', "parameters[0].affinities.affinities[0].more[1]"),
        ("1e999", "parameters[0].affinities.affinities[0].more[1]"),
        ("NaN", None),
        ("-Infinity", None),
        ("9" * 5000, None),
        ("[" * 60 + "]" * 60, None),
        ("[" * 900 + "]" * 900, None),
    ],
)
def test_what_could_not_be_read_back_is_refused_wherever_it_stands(
    client: Speaker, value: str, field: str | None
) -> None:
    def there() -> list[int]:
        return [each["id"] for each in client.told("GET", "/audiences?per_page=500")["data"]]

    before = there()
    item = f'{{"id": "a1", "more": [0, {value}]}}'
    parameter = f'{{"operation": "OR", "affinities": {{"affinities": [{item}]}}}}'
    error = client.refused("POST", "/audiences", f'{{"audience": {{"name": "x"}}, "parameters": [{parameter}]}}')
    assert error["errors"][0].get("field") == field
    assert there() == before


@pytest.mark.covers("errors")
@pytest.mark.parametrize(
    ("kind", "content", "field", "message"),
    [
        ("twitter_followers", {"accounts": [{"id": "1"}], "cutoff": True}, "cutoff", "a whole number is expected"),
        ("twitter_followers", {"accounts": [{"id": "1"}], "cut_off": 11}, "cutoff", "cutoff is 1 to 10"),
        ("twitch_followers", {"accounts": [{"id": "1"}], "cutoff": 2}, "cutoff", "cutoff is 1 here"),
        ("twitter_followers", {"accounts": [{"id": "1"}], "last_tweeted": True}, "last_tweeted", "a whole number is"),
        ("twitter_followers", {"accounts": [{"id": "1"}], "last_tweeted": 2}, "last_tweeted", "is one of 0, 1, 7"),
        ("tiktok_engagers", {"accounts": [{"id": "1"}], "last_tweeted": 7}, "last_tweeted", "for twitter_followers"),
        ("tiktok_engagers", {"accounts": [3]}, "accounts[0]", "an object is expected"),
        ("affinities", {}, "affinities", "the field is required"),
        ("tweet_search", {"phrases": "golang"}, "phrases", "a list is expected"),
    ],
)
def test_a_wrong_value_is_told_at_its_own_field(
    client: Speaker, kind: str, content: Any, field: str, message: str
) -> None:
    parameter = {"operation": "OR", kind: content}
    error = client.refused("POST", "/audiences", {"audience": {"name": "x"}, "parameters": [parameter]})
    [fault] = error["errors"]
    assert fault["field"].startswith(f"parameters[0].{kind}.")
    assert fault["field"].endswith((field, "cut_off"))
    assert message in fault["message"]


@pytest.mark.covers("create")
def test_a_description_that_is_null_is_none(client: Speaker) -> None:
    nobody = {"operation": "OR", "twitch_followers": {"accounts": [{"id": "1"}]}}
    made = client.built({"audience": {"name": "x", "description": None}, "parameters": [nobody]})
    assert (made["status"], made["description"]) == ("completed", "")


@pytest.mark.covers("errors")
@pytest.mark.parametrize("name", ["", "  ", "n" * 256, None, 7])
def test_a_name_is_refused_in_plain_words_at_its_field(client: Speaker, name: Any) -> None:
    affinity = {"operation": "OR", "affinities": {"affinities": [{"id": "a1"}]}}
    error = client.refused("POST", "/audiences", {"audience": {"name": name}, "parameters": [affinity]})
    assert [each["field"] for each in error["errors"]] == ["audience.name"]
    assert "item" not in error["message"]
