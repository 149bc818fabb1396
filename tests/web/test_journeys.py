"""What a strategist does: signs in, builds an audience, looks at its people, compares it; by mouse, and by keys."""

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import expect

from tests.web.browsing import Visit


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text) or "0")


def add(one: Visit, words: str, to: str = "Add a trait, audience or words") -> None:
    box = one.page.get_by_label(to).first
    box.fill(words)
    box.press("Enter")
    expect(box).to_have_value("")


def test_a_wrong_password_is_refused_and_a_right_one_lets_in_and_out(visit: Callable[..., Visit]) -> None:
    one = visit(signed_in=False)
    one.page.goto(one.site.base)
    one.page.get_by_label("Name").fill(one.site.name)
    one.page.get_by_label("Password").fill("something else")
    one.page.get_by_role("button", name="Sign in").click()
    expect(one.page.get_by_role("alert")).to_contain_text("do not go together")
    one.complaints.clear()  # the browser itself notes a 401
    one.sign_in()
    one.page.get_by_role("button", name="Sign out").click()
    expect(one.page.get_by_label("Password")).to_be_visible()
    assert not [cookie for cookie in one.context.cookies() if cookie["name"] == "houselights_session"]


def test_building_an_audience(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    size = one.page.locator(".answer .big-number")
    everybody = number(size.inner_text())
    add(one, "female")
    expect(one.page.locator(".sentence")).to_contain_text("Female")
    women = number(size.inner_text())
    assert 0 < women < everybody
    add(one, "vegan cooking")
    expect(one.page.locator(".sentence")).to_contain_text("Vegan cooking")
    assert number(size.inner_text()) < women
    expect(one.page.locator(".funnel li")).to_have_count(2)
    one.page.get_by_role("button", name="none of").first.click()
    expect(one.page.locator(".sentence")).to_contain_text("not")
    one.page.get_by_role("button", name="Undo").click()
    one.page.get_by_role("button", name="Save").click()
    one.page.get_by_label("Name", exact=True).fill("Vegan cooks")
    one.page.get_by_role("button", name="Save as a new audience").click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Vegan cooks")
    shown = number(one.page.locator(".hero .big-number").inner_text())
    body = {"audience": one.site.audience("Vegan cooks")}
    asked = httpx.post(f"{one.site.base}/v1/size", json=body, headers=one.site.headers).json()
    assert shown == asked["exact"]


def test_building_with_keys_alone(visit: Callable[..., Visit]) -> None:
    one = visit()
    keys = one.page.keyboard
    keys.press("g")
    keys.press("b")
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Build an audience")
    one.settle()
    keys.press("/")
    for words in ("female", "vegan cooking"):
        keys.type(words)
        keys.press("Enter")
        expect(one.page.locator(":focus")).to_have_value("")
    keys.press("Escape")
    handles = one.page.locator(".handle")
    expect(handles).to_have_count(2)
    handles.nth(1).focus()
    keys.press("Alt+ArrowUp")
    expect(one.page.locator(".condition").first).to_contain_text("Vegan cooking")
    keys.press("Alt+ArrowRight")
    expect(one.page.locator(".group .group")).to_have_count(1)
    one.page.locator(".group .group .handle").focus()
    keys.press("Delete")
    expect(one.page.locator(".group .group .condition")).to_have_count(0)


def test_the_same_audience_in_other_words(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    add(one, "female")
    one.settle()
    one.page.get_by_role("tab", name="Rule JSON").click()
    text = one.page.get_by_label("Rule JSON")
    expect(text).to_have_value(re.compile('"female"'))
    text.fill('{"trait": {"facet": "gender", "any_of": ["male"]}}')
    one.page.get_by_role("button", name="Use this text").click()
    expect(one.page.locator(".condition")).to_contain_text("Male")
    one.page.get_by_role("tab", name="Profile Query Language").click()
    expect(one.page.get_by_label("Profile Query Language")).to_have_value(re.compile("inSegment"))
    one.page.get_by_role("tab", name="Amazon expression").click()
    expect(one.page.get_by_label("Amazon expression")).to_have_value(re.compile("audienceId"))
    one.page.get_by_role("tab", name="StatSocial").click()
    expect(one.page.get_by_label(re.compile("StatSocial"))).to_have_value(re.compile("male"))


def test_every_chart_is_also_a_table_a_file_and_a_call(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go(f"/persona/{one.site.audience('New parents')}")
    chart = one.page.get_by_role("figure", name="Age", exact=True)
    chart.get_by_role("button", name="Table").click()
    shares = [float(each.split(" ")[0]) for each in chart.locator("tbody td:nth-child(2)").all_inner_texts()]
    with one.page.expect_download() as saved:
        chart.get_by_role("button", name="CSV").click()
    lines = saved.value.path().read_text().splitlines()
    assert lines[0].startswith("name,share,baseline,index")
    assert len(lines) == len(shares) + 1
    body = {"audience": one.site.audience("New parents"), "facets": ["age"], "limit": 200}
    told = httpx.post(f"{one.site.base}/v1/insights", json=body, headers=one.site.headers).json()["items"]
    assert sorted(shares) == sorted(round(each["overlap"] * 100, 1) for each in told)


def test_comparing(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go(f"/compare?with={one.site.audience('New parents')}")
    one.page.get_by_label("Add another audience").fill("Core gamers")
    one.page.get_by_role("option", name="Core gamers").click()
    one.settle()
    expect(one.page.get_by_role("figure", name="Who is in which")).to_be_visible()
    expect(one.page.get_by_role("figure", name="What they share")).to_be_visible()
    one.page.reload()
    expect(one.page.get_by_role("figure", name="Core gamers")).to_be_visible()


def test_a_persona_prints_on_one_page(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go(f"/persona/{one.site.audience('New parents')}")
    one.page.emulate_media(media="print")
    one.page.wait_for_timeout(300)
    printed = one.page.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") == 1
