"""What an operator does: runs, clients and people in and out, the log of it, every call; and who may see what."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.web.browsing import Visit

PASSWORD = "a long sentence"


@contextmanager
def somebody(one: Visit, name: str, role: str) -> Iterator[None]:
    """Let somebody in for a while."""
    body = {"name": name, "password": PASSWORD, "role": role}
    made = httpx.post(f"{one.site.base}/v1/people", json=body, headers=one.site.headers).raise_for_status().json()
    try:
        yield
    finally:
        httpx.post(f"{one.site.base}/v1/clients/{made['id']}/disable", headers=one.site.headers)


def test_a_client_is_made_its_secrets_shown_once_and_it_is_turned_away(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/operations/clients")
    one.page.get_by_role("button", name="Make a client").click()
    form = one.page.get_by_role("dialog")
    form.get_by_label("Name").fill("Weekly report")
    form.get_by_label("audiences:read").check()
    form.get_by_role("button", name="Make the client").click()
    expect(form).to_contain_text("Copy these now")
    token = form.locator(".secrets code").nth(2).inner_text()
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{one.site.base}/v1/me", headers=headers).json()["scopes"] == ["audiences:read"]
    form.get_by_role("button", name="I have them").click()
    assert token not in one.page.content()
    row = one.page.get_by_role("row").filter(has_text="Weekly report")
    row.get_by_role("button", name="Turn away").click()
    one.page.get_by_role("dialog").get_by_role("button", name="Turn away").click()
    expect(row).to_contain_text("turned away")
    assert httpx.get(f"{one.site.base}/v1/me", headers=headers).status_code == 401


def test_people_are_let_in_given_roles_and_turned_away(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/operations/people")
    one.page.get_by_role("button", name="Let somebody in").click()
    form = one.page.get_by_role("dialog")
    form.get_by_label("Name").fill("grace")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Let them in").click()
    role = one.page.get_by_label("Role of grace")
    expect(role).to_have_value("viewer")
    role.select_option("builder")
    expect(one.page.get_by_text("grace is a builder now")).to_be_visible()
    base = one.site.base
    assert httpx.post(f"{base}/v1/session", json={"name": "grace", "password": PASSWORD}).json()["role"] == "builder"
    one.page.get_by_label("New password for grace").click()
    form.get_by_label("Password").fill(PASSWORD + " or two")
    form.get_by_role("button", name="Set it").click()
    expect(one.page.get_by_text("grace has another password")).to_be_visible()
    assert httpx.post(f"{base}/v1/session", json={"name": "grace", "password": PASSWORD}).status_code == 401
    one.page.get_by_label("Turn away grace").click()
    form.get_by_role("button", name="Turn away").click()
    expect(one.page.get_by_role("row").filter(has_text="grace")).to_contain_text("turned away")


def test_the_audit_log_by_action_and_client_and_further_back(visit: Callable[..., Visit]) -> None:
    one = visit()
    for _ in range(60):
        httpx.post(f"{one.site.base}/v1/size", json={"rule": {"everyone": True}}, headers=one.site.headers)
    one.go("/operations/audit")
    rows = one.page.get_by_role("region", name="Audit log").locator("tbody tr")
    expect(rows).to_have_count(50)
    one.page.get_by_role("button", name="Show older").click()
    expect(rows.nth(60)).to_be_visible()
    one.page.get_by_label("Actions that begin with").fill("operator.sign")
    expect(rows.locator("code").first).to_have_text("operator.sign_in")
    assert set(rows.locator("code").all_inner_texts()) == {"operator.sign_in"}
    one.page.get_by_label("Client", exact=True).select_option(label="Native demo")
    expect(one.page.get_by_text("No entry is like that")).to_be_visible()


def test_an_evaluation_is_followed_to_its_end(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/operations/runs")
    one.page.get_by_role("button", name="Evaluate").click()
    row = one.page.get_by_role("region", name="Evaluations").locator("tbody tr").first
    expect(row).to_contain_text("succeeded", timeout=60_000)


def test_an_import_that_cannot_be_is_refused_where_it_is_asked_for(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/operations/imports")
    expect(one.page.get_by_role("region", name="Imports")).to_contain_text("succeeded")
    one.page.get_by_label("Population file").fill("nowhere/POPULATION.yaml")
    one.page.get_by_role("button", name="Start").click()
    expect(one.page.get_by_role("alert")).to_be_visible()
    one.complaints.clear()  # the browser itself notes a refusal


def test_an_import_is_watched_stage_by_stage(visit: Callable[..., Visit]) -> None:
    """The stages themselves are the server's (tests/journeys/test_import_progress.py); here is how they are shown."""
    one = visit()
    stages = iter(
        [
            {"name": "reading people.csv", "number": 4, "of": 16, "rows": 1200, "share": 0.25},
            {"name": "writing traits", "number": 13, "of": 16, "rows": 0, "share": 0.0},
        ]
    )

    def running(route: Route) -> None:
        reply = route.fetch()
        told = reply.json()
        newest = told["items"][0]
        stage = next(stages, None)
        error = "people.csv cannot be read"
        newest |= {"state": "running", "stage": stage} if stage else {"state": "failed", "error": error, "stage": LAST}
        route.fulfill(response=reply, json=told)

    one.page.route("**/v1/imports?*", running)
    one.page.goto(f"{one.site.base}/#/operations/imports")
    row = one.page.get_by_role("region", name="Imports").locator("tbody tr").first
    expect(row).to_contain_text("reading people.csv · 25 %")
    expect(row).to_contain_text("stage 4 of 16 · 1,200 of about 4,800 rows")
    expect(row.get_by_role("progressbar")).to_have_attribute("value", "3.25")
    expect(row).to_contain_text("writing traits")
    expect(row).to_contain_text("people.csv cannot be read")
    expect(row).to_contain_text("in stage 5 of 16, reading more.csv")
    expect(row.get_by_role("progressbar")).to_have_count(0)


LAST = {"name": "reading more.csv", "number": 5, "of": 16, "rows": 7, "share": 0.5}


def test_jobs_of_clients_are_listed(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/operations/jobs")
    expect(one.page.get_by_text("No client has asked for anything that takes long")).to_be_visible()


def test_the_explorer_has_every_operation_of_every_room(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/operations/api")
    rooms = httpx.get(f"{one.site.base}/v1/rooms", headers=one.site.headers).json()["items"]
    assert len(rooms) > 1
    for room in rooms:
        one.go(f"/operations/api/{room['name']}")
        document = httpx.get(one.site.base + room["document"]).json()
        operations = [method for item in document["paths"].values() for method in item if method in METHODS]
        expect(one.page.locator(".operation")).to_have_count(len(operations))
    one.go(f"/operations/api/{rooms[0]['name']}")
    one.page.keyboard.press("/")
    one.page.keyboard.type("records post")
    expect(one.page.locator(".operation")).to_have_count(1)
    one.page.locator(".operation summary").click()
    expect(one.page.locator(".command")).to_contain_text("/v1/lists/{list_id}/records")
    expect(one.page.get_by_role("region", name="Parameters")).to_contain_text("list_id")


METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.mark.parametrize(
    ("role", "tabs"),
    [("viewer", ["Evaluations", "Connections", "Callbacks", "API"]),
     ("builder", ["Imports", "Evaluations", "Uploads", "Erasures", "Connections", "Callbacks", "API"])],
)  # fmt: skip
def test_a_role_sees_what_it_may(visit: Callable[..., Visit], role: str, tabs: list[str]) -> None:
    one = visit(signed_in=False)
    with somebody(one, f"{role}-looking", role):
        reply = httpx.post(f"{one.site.base}/v1/session", json={"name": f"{role}-looking", "password": PASSWORD})
        one.let_in(str(reply.cookies["houselights_session"]))
        one.go("/operations")
        assert one.page.get_by_role("tab").all_inner_texts() == tabs
        for tab in tabs:
            one.page.get_by_role("tab", name=tab).click()
            one.settle()
            expect(one.page.get_by_role("alert")).to_have_count(0)
        one.go("/operations/audit")
        expect(one.page.get_by_text("Not for your role")).to_be_visible()
        one.go("/lists")
        assert (one.page.get_by_role("button", name="Make a list").count() > 0) == (role == "builder")
