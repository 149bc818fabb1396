"""Every error this room documents, in the one shape they all have: problem+json with type, title, status, detail."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from houselights.apis import native
from houselights.app import Room, create_app
from houselights.base.errors import Span, TooLarge, Unavailable
from houselights.model.workspace import PrivacyPolicy
from houselights.services.house import House

RULE = {"trait": {"facet": "gender", "any_of": ["female"]}}
Token = Callable[..., str]


def test_a_problem_says_what_where_and_what_was_meant(client: TestClient) -> None:
    """
    {"type": …, "title": …, "status": …, "detail": …, "field": …, "hint": …, "request_id": …}
    """
    reply = client.post("/v1/size", json={"rule": {"trait": {"facet": "gendr", "any_of": []}}})
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json() == {
        "type": "urn:houselights:problem:invalid-rule",
        "title": "Invalid rule",
        "status": 422,
        "detail": 'unknown facet "gendr"',
        "field": "rule.trait.facet",
        "hint": 'did you mean "gender" or "genre"?',
        "request_id": reply.headers["x-request-id"],
    }


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        ({}, "rule", "give either a rule or an audience"),
        ({"rule": RULE, "audience": "9001"}, "rule", "give either a rule or an audience"),
        ({"rule": {"nand": []}}, "rule", ""),
        ({"audience": "4711"}, "rule.audience", "audience 4711 does not exist"),
        ({"audience": "x"}, "audience", ""),
        ({"rule": RULE, "universe": {"audience": "4711"}}, "universe.audience", "audience 4711 does not exist"),
        ({"rule": RULE, "universe": {"nand": []}}, "universe", ""),
        ({"rul": RULE}, "rul", "Extra inputs are not permitted"),
    ],
)
def test_a_bad_question_is_422_and_names_the_field(client: TestClient, body: object, field: str, detail: str) -> None:
    reply = client.post("/v1/size", json=body)
    problem = reply.json()
    assert (reply.status_code, problem["status"]) == (422, 422)
    assert problem["field"].startswith(field)
    assert detail in problem["detail"]


def test_half_a_character_of_the_callers_own_is_quoted_as_a_question_mark(client: TestClient) -> None:
    body = b'{"rule": {"everyone": true}, "facets": ["\\ud800"]}'
    reply = client.post("/v1/insights", content=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["detail"]) == (422, 'no facet "?"')


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"accounts": ["null"]}, "accounts[0]"),
        ({"redirect_uris": ["https://app.example/\0"]}, "redirect_uris"),
        ({"name": "a\0"}, "name"),
    ],
)
def test_a_client_that_cannot_be_kept_is_refused(client: TestClient, more: dict[str, object], field: str) -> None:
    reply = client.post("/v1/clients", json={"name": "Report", "scopes": ["insights:read"], **more})
    assert (reply.status_code, reply.json()["field"]) == (422, field)


def test_several_faults_are_all_listed(client: TestClient) -> None:
    problem = client.post("/v1/insights", json={"rule": RULE, "limit": 0, "rank": "size"}).json()
    assert {one["field"] for one in problem["errors"]} == {"limit", "rank"}


@pytest.mark.parametrize("body", [b"{nope", b'{"rule": '])
def test_a_body_that_is_no_json_is_400(client: TestClient, body: bytes) -> None:
    reply = client.post("/v1/size", content=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["type"]) == (400, "urn:houselights:problem:malformed")
    assert "offset" in reply.json()["detail"]


def test_a_body_beyond_all_reason_is_413(client: TestClient) -> None:
    def parts() -> Iterator[bytes]:
        """A body that does not say beforehand how long it is."""
        yield from (b" " * (1 << 20) for _ in range(5))

    for body in (b" " * (native.BODY_BYTES + 1), parts()):
        reply = client.post("/v1/size", content=body, headers={"Content-Type": "application/json"})
        assert (reply.status_code, reply.headers["content-type"]) == (413, "application/problem+json")


def test_no_or_a_bad_token_is_401(http: TestClient) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic dTpw"}):
        reply = http.get("/v1/facets", headers=headers)
        assert (reply.status_code, reply.json()["title"]) == (401, "Not authenticated")
        assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_missing_scope_is_403(http: TestClient, token: Token) -> None:
    headers = {"Authorization": f"Bearer {token('audiences:read')}"}
    for reply in (
        http.post("/v1/size", json={"rule": RULE}, headers=headers),
        http.post("/v1/audiences", json={"name": "x", "rule": RULE}, headers=headers),
        http.get("/v1/clients", headers=headers),
        http.get("/v1/audit", headers=headers),
        http.get("/v1/imports", headers=headers),
        http.post("/v1/imports", json={"population": "x"}, headers=headers),
    ):
        assert reply.status_code == 403, reply.text
        assert "needs the scope" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/audiences/4711", 404),
        ("GET", "/v1/facets/nope", 404),
        ("GET", "/v1/facets/age/traits/nope", 404),
        ("GET", "/v1/imports/4711", 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/v1/size", 405),
        ("POST", "/v1/audiences/9001/archive", 409),
    ],
)
def test_other_refusals_have_their_status_and_the_same_shape(
    client: TestClient, method: str, path: str, status: int
) -> None:
    reply = client.request(method, path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert set(reply.json()) >= {"type", "title", "status", "detail", "request_id"}


def test_too_many_requests_are_429_and_told_when_to_come_back(house: House, token: Token) -> None:
    slow = create_app(house, [Room("native", native.PATHS, lambda made: native.room(made, rate="3/minute"))])
    with TestClient(slow) as http:
        headers = {"Authorization": f"Bearer {token()}"}
        statuses = [http.get("/v1/me", headers=headers).status_code for _ in range(3)]
        reply = http.get("/v1/me", headers=headers)
        other = http.get("/v1/me", headers={"Authorization": f"Bearer {token()}"})
    assert statuses == [200, 200, 200]
    assert reply.status_code == 429
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert other.status_code == 200, "each client has its own count"


@pytest.mark.parametrize(
    ("error", "status"), [(Unavailable("the lake does not answer"), 503), (TooLarge("over 1 MB"), 413)]
)
def test_what_services_refuse_is_worded_too(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    monkeypatch.setattr(type(house.insights), "size", _raise(error))
    reply = client.post("/v1/size", json={"rule": RULE})
    assert reply.status_code == status
    assert ("retry-after" in reply.headers) == (status == 503)


def test_text_at_fault_is_shown_with_a_caret(house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    error = Unavailable("cannot read this", span=Span("one two", 4, 7))
    monkeypatch.setattr(type(house.insights), "size", _raise(error))
    assert client.post("/v1/size", json={"rule": RULE}).json()["caret"] == "one two\n    ^^^"


def test_our_own_faults_are_500_and_say_nothing_of_our_insides(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(house.insights), "size", _raise(RuntimeError("password=hunter2")))
    reply = client.post("/v1/size", json={"rule": RULE})
    assert reply.status_code == 500
    assert reply.json()["request_id"] == reply.headers["x-request-id"]
    assert "hunter2" not in reply.text


def test_before_the_first_import_questions_are_404_and_ready_is_503(house: House, http: TestClient) -> None:
    empty = house.control.workspaces.create("empty", PrivacyPolicy(), created_at=house.clock.now())
    made = house.access.create_client(workspace_id=empty.id, name="x", scopes=["insights:read"])
    headers = {"Authorization": f"Bearer {house.access.static_token(made.client)}"}
    reply = http.post("/v1/size", json={"rule": RULE}, headers=headers)
    assert (reply.status_code, "no people yet" in reply.json()["detail"]) == (404, True)


def _raise(error: Exception) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise error

    return refuse
