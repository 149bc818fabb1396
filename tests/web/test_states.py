"""What a page says when the server refuses, is busy or is gone; the list of audiences; and what a viewer sees."""

import csv
import hashlib
import re
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest
from playwright.sync_api import Error, Route, expect

from tests.web.browsing import Site, Visit
from tests.web.test_look import PAGES, place


@pytest.fixture(scope="session")
def viewer(site: Site) -> str:
    """The cookie of somebody who may look and no more."""
    return site.session_of("vera", "viewer")


@pytest.fixture
def looking(visit: Callable[..., Visit], viewer: str) -> Visit:
    one = visit(signed_in=False)
    one.let_in(viewer)
    return one


def fails(one: Visit, status: int, body: str = "{}", paths: str = "**/v1/**") -> None:
    """Let the server refuse everything but who is signed in."""

    def refuse(route: Route) -> None:
        if "/v1/session" in route.request.url:
            route.fallback()
        elif status:
            route.fulfill(
                status=status, body=body, content_type="application/problem+json", headers={"Retry-After": "7"}
            )
        else:
            route.abort()

    one.page.route(paths, refuse)


@pytest.mark.parametrize("page", list(PAGES))
@pytest.mark.parametrize(
    ("status", "words"), [(500, "Internal error"), (429, "asks too often"), (0, "cannot be reached")]
)
def test_a_page_says_what_is_wrong_and_can_be_tried_again(
    visit: Callable[..., Visit], page: str, status: int, words: str
) -> None:
    one = visit()
    there = place(one, page)
    one.page.goto("about:blank")
    fails(one, status, f'{{"title": "{words}", "detail": "{words}"}}')
    one.go(there)
    alert = one.page.get_by_role("alert").first
    expect(alert).to_contain_text(words)
    one.page.unroute_all()
    if page in {"audiences", "persona"}:
        again = one.page.get_by_role("button", name="Try again")
        while again.count() or one.page.get_by_text("Trying again…").count():
            with suppress(Error):  # one may be gone because another brought everything back
                again.first.click(timeout=500)
        expect(one.page.locator("tbody tr, .hero").first).to_be_visible()
    one.complaints.clear()  # the browser itself notes refusals


def test_a_session_that_has_ended_leads_to_the_sign_in_page(visit: Callable[..., Visit], site: Site) -> None:
    one = visit(signed_in=False)
    one.let_in(site.session_of("ended", "viewer"))
    one.settle()  # what is still on its way would be told that nobody is signed in, before anybody typed
    one.context.clear_cookies()
    one.page.get_by_label("Search audiences").fill("x")
    expect(one.page.get_by_label("Password")).to_be_visible()
    one.complaints.clear()


def test_why_an_outside_sign_in_failed_is_said_in_our_own_words(visit: Callable[..., Visit]) -> None:
    one = visit(signed_in=False)
    one.page.goto(f"{one.site.base}/?refused=role")
    expect(one.page.get_by_role("alert")).to_contain_text("no role here")
    assert one.page.url.rstrip("/") == one.site.base
    one.page.goto(f"{one.site.base}/?refused=Send+money")
    expect(one.page.get_by_role("alert")).to_contain_text("not completed")
    assert "money" not in one.page.inner_text("body")


def test_audiences_are_sorted_filtered_and_paged(visit: Callable[..., Visit], site: Site) -> None:
    body = {"name": "Newest of all", "rule": {"trait": {"facet": "gender", "any_of": ["male"]}}}
    httpx.post(f"{site.base}/v1/audiences", json=body, headers=site.headers).raise_for_status()
    one = visit()
    one.go("/audiences")
    names = one.page.locator("tbody tr td:first-child")
    expect(names.first).to_contain_text("Newest of all")
    expect(names).to_have_count(50)
    one.page.get_by_role("button", name="Show more").click()
    expect(names).to_have_count(100)
    one.page.get_by_label("Order").select_option("oldest")
    expect(names).to_have_count(50)
    expect(names.first).not_to_contain_text("Newest of all")
    one.page.get_by_label("Kind").select_option("custom")
    one.page.get_by_label("Search audiences").fill("newest")
    expect(names).to_have_count(1)
    one.page.get_by_role("button", name="Archive Newest of all").click()
    one.page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(one.page.get_by_text("No audience is like that")).to_be_visible()
    one.page.get_by_label("Status").select_option("archived")
    expect(names).to_have_text(["Newest of all archived"])
    one.page.reload()
    expect(names).to_have_text(["Newest of all archived"])


def test_categories_are_browsed(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/audiences")
    browse = one.page.get_by_role("navigation", name="Categories")
    first = browse.get_by_role("button", name=re.compile("^Interest"))
    counted = int(re.sub(r"\D", "", first.inner_text()))
    first.click()
    expect(one.page.get_by_role("status").filter(has_text="of")).to_contain_text(f"of {counted:,}")
    browse.get_by_role("button", name="All categories").click()
    expect(browse.get_by_role("button", name="All categories")).to_have_count(0)


def test_a_list_shows_who_came_and_went(visit: Callable[..., Visit], site: Site) -> None:
    one = visit()
    made = httpx.post(f"{site.base}/v1/lists", json={"name": "Kept"}, headers=site.headers).raise_for_status().json()
    listed = made["audience"]["id"]
    rows = csv.DictReader(site.customers.read_text("utf-8").splitlines())
    hashes = [hashlib.sha256(row["email"].strip().lower().encode()).hexdigest() for row in rows if row["email"]]
    body = {"records": [{"hashed": [{"email": each}]} for each in hashes]}
    path = f"{site.base}/v1/lists/{listed}"
    httpx.post(f"{path}/records", json=body, headers=site.headers).raise_for_status()
    for _ in range(100):
        members = httpx.get(path, headers=site.headers).json()["members"]
        if members:
            break
        one.page.wait_for_timeout(100)
    one.go(f"/persona/{listed}")
    chart = one.page.get_by_role("figure", name="Members by day")
    chart.get_by_role("button", name="Table").click()
    expect(chart.locator("tbody tr").last.locator("td").nth(1)).to_have_text(f"{members:,}")
    one.go(f"/persona/{site.audience('New parents')}")
    expect(one.page.get_by_role("region", name="Membership")).to_contain_text("No log of its members")


def test_a_baseline_is_called_by_its_name(visit: Callable[..., Visit]) -> None:
    one = visit()
    parents, gamers = (one.site.audience(name) for name in ("New parents", "Core gamers"))
    one.go(f"/persona/{parents}?beside=audience:{gamers}")
    expect(one.page.locator(".baseline select")).to_have_value(f"audience:{gamers}")
    expect(one.page.locator("option", has_text="people in “Core gamers”")).to_have_count(1)


@pytest.mark.parametrize("page", list(PAGES))
def test_a_viewer_sees_bands_and_no_page_breaks(looking: Visit, page: str) -> None:
    looking.go(place(looking, page))
    expect(looking.page.get_by_role("heading", level=1)).to_be_visible()
    assert looking.page.get_by_role("alert").count() == 0
    text = looking.page.inner_text("main")
    assert "NaN" not in text
    assert "undefined" not in text
    assert "null" not in text


def test_a_viewer_is_told_no_exact_number_and_saves_nothing(looking: Visit) -> None:
    parents = looking.site.audience("New parents")
    looking.go(f"/persona/{parents}")
    expect(looking.page.locator(".hero .big-number")).to_have_text(re.compile("fewer than|–|or more"))
    chart = looking.page.get_by_role("figure", name="Age", exact=True)
    chart.get_by_role("button", name="Table").click()
    expect(chart.locator("tbody td:nth-child(5)").first).to_have_text("–")
    looking.go("/audiences")
    expect(looking.page.get_by_role("button", name=re.compile("^Archive"))).to_have_count(0)
    looking.go(f"/build?from={parents}")
    expect(looking.page.get_by_role("button", name="Save")).to_be_disabled()


@pytest.mark.parametrize("name", ["New parents", "Core gamers"])
def test_a_viewer_s_persona_prints_on_one_page(looking: Visit, name: str) -> None:
    looking.go(f"/persona/{looking.site.audience(name)}")
    assert pages(looking) == 1


def test_a_persona_of_whom_little_is_known_prints_on_one_page(visit: Callable[..., Visit]) -> None:
    one = visit()
    nobody = {
        "and": [
            {"not": {"trait": {"facet": "gender", "any_of": ["male", "female"]}}},
            {"trait": {"facet": "city", "any_of": [_city(one.site)]}},
        ]
    }
    reply = httpx.post(
        f"{one.site.base}/v1/audiences", json={"name": "Hardly known", "rule": nobody}, headers=one.site.headers
    )
    one.go(f"/persona/{reply.raise_for_status().json()['id']}")
    assert pages(one) == 1


def _city(site: Site) -> str:
    told = httpx.get(f"{site.base}/v1/facets/city/traits", headers=site.headers).json()
    return str(told["items"][0]["key"])


def pages(one: Visit) -> int:
    """Print, and count the sheets."""
    one.page.emulate_media(media="print")
    one.page.wait_for_timeout(300)
    printed = one.page.pdf(format="A4", prefer_css_page_size=True)
    return printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ")


NAMES = (
    "<img src=x onerror=alert(1)><b>bold</b>",
    "Supercalifragilistic" * 12,
    "\N{FAMILY} families, \N{ARABIC LETTER MEEM}\N{ARABIC LETTER REH}\N{ARABIC LETTER HAH} \"x'y\\z",
)


@pytest.mark.parametrize("width", [1280, 390])
def test_names_of_any_kind_break_no_page(visit: Callable[..., Visit], site: Site, width: int) -> None:
    one = visit(width)
    rule = {"trait": {"facet": "gender", "any_of": ["female"]}}
    made = [
        httpx.post(f"{site.base}/v1/audiences", json={"name": name, "rule": rule}, headers=site.headers).json()["id"]
        for name in NAMES
    ]
    pages = [
        f"/persona/{made[1]}?over={made[0]},{made[2]}",
        f"/compare?with={','.join(made)}",
        f"/build?from={made[1]}",
    ]
    for page in ["/audiences", *pages]:
        one.go(page)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width, page
        assert one.page.locator("main img").count() == 0
    one.go(f"/persona/{made[0]}")
    expect(one.page.get_by_role("heading", level=1)).to_have_text(NAMES[0])


def test_the_keyboard_finds_its_way(visit: Callable[..., Visit]) -> None:
    one = visit()
    keys = one.page.keyboard
    one.go("/audiences")
    one.page.reload()
    one.settle()
    keys.press("Tab")
    expect(one.page.get_by_role("link", name="Skip to the page")).to_be_focused()
    keys.press("Enter")
    expect(one.page.locator("main")).to_be_focused()
    keys.press("Tab")
    expect(one.page.get_by_role("link", name="Build an audience")).to_be_focused()
    assert one.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    keys.press("?")
    expect(one.page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    expect(one.page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(one.page.get_by_role("link", name="Build an audience")).to_be_focused()
    one.go("/compare")
    box = one.page.get_by_label("Choose an audience")
    box.fill("core")
    expect(one.page.get_by_role("listbox", name="Found")).to_contain_text("Core gamers")
    keys.press("Escape")
    expect(one.page.get_by_role("listbox", name="Found")).to_be_hidden()
