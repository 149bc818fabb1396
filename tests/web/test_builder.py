"""The builder in detail: ways back and forth, groups, dragging, what is found, what a language cannot say."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Locator, expect

from tests.web.browsing import Visit
from tests.web.test_journeys import add, number


def conditions(one: Visit) -> Locator:
    return one.page.locator(".condition")


def rule(one: Visit) -> Any:
    """Return the rule JSON of what is being built."""
    one.page.get_by_role("tab", name="Rule JSON").click()
    box = one.page.get_by_label("Rule JSON")
    expect(box).to_have_value(re.compile(r"\{"))
    text = box.input_value()
    one.page.get_by_role("tab", name="Builder").click()
    return json.loads(text)


def made(one: Visit, name: str, rule: Any) -> str:
    reply = httpx.post(f"{one.site.base}/v1/audiences", json={"name": name, "rule": rule}, headers=one.site.headers)
    return str(reply.raise_for_status().json()["id"])


def test_undo_and_redo_by_buttons_and_keys(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    add(one, "female")
    add(one, "vegan cooking")
    undo, redo = (one.page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    expect(redo).to_be_disabled()
    undo.click()
    expect(conditions(one)).to_have_count(1)
    redo.click()
    expect(conditions(one)).to_have_count(2)
    one.page.locator(".handle").first.focus()
    one.page.keyboard.press("Control+z")
    one.page.keyboard.press("Control+z")
    expect(conditions(one)).to_have_count(0)
    expect(undo).to_be_disabled()
    one.page.keyboard.press("Control+Shift+z")
    expect(conditions(one)).to_have_count(1)
    add(one, "running")
    expect(redo).to_be_disabled()


def test_the_same_condition_twice_is_said_and_not_added(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    add(one, "female")
    add(one, "female")
    expect(one.page.locator(".toast")).to_contain_text("is there already")
    expect(conditions(one)).to_have_count(1)


def test_an_empty_group_says_so_and_says_nothing(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    add(one, "female")
    one.page.get_by_role("button", name="Add a group").click()
    expect(one.page.locator(".group .group")).to_contain_text("Nothing is in this group yet")
    assert rule(one) == {"trait": {"facet": "gender", "any_of": ["female"]}}


def test_at_least_so_many(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    for words in ("female", "vegan cooking", "running"):
        add(one, words)
    one.page.get_by_role("button", name="at least").click()
    expect(one.page.locator(".sentence")).to_contain_text("at least 2 of")
    assert rule(one)["at_least"]["k"] == 2
    many = one.page.get_by_label("How many at least")
    many.fill("4")
    many.press("Tab")
    expect(one.page.locator(".hint")).to_have_text("Nobody can match 4 of 3.")
    many.fill("3")
    many.press("Tab")
    expect(one.page.locator(".sentence")).to_contain_text("at least 3 of")
    one.settle()
    counted = {"rule": rule(one)}
    exact = httpx.post(f"{one.site.base}/v1/size", json=counted, headers=one.site.headers).json()["exact"]
    expect(one.page.locator(".answer .big-number")).to_have_text(f"{exact:,}")


def test_dragging_with_the_mouse(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    for words in ("female", "vegan cooking", "running"):
        add(one, words)
    one.page.get_by_role("button", name="Add a group").click()
    handles, inner = one.page.locator(".group > .items > li > .movable > .handle"), one.page.locator(".group .group")
    handles.nth(2).drag_to(inner)
    expect(inner.locator(".condition")).to_contain_text("Running")
    handles.nth(1).drag_to(one.page.locator(".items > li").first, target_position={"x": 40, "y": 2})
    expect(conditions(one).first).to_contain_text("Vegan cooking")
    inner.locator(".handle").first.drag_to(one.page.locator(".items > li").first, target_position={"x": 40, "y": 2})
    expect(conditions(one).first).to_contain_text("Running")
    expect(inner.locator(".condition")).to_have_count(0)


def test_what_is_found_stands_under_headings(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    made(one, "Parents who run", {"trait": {"facet": "gender", "any_of": ["female"]}})
    box = one.page.get_by_label("Add a trait, audience or words")
    box.fill("parent")
    found = one.page.get_by_role("listbox")
    expect(found.locator(".option-group").first).to_have_text("Traits")
    expect(found.locator(".option-group", has_text="Audiences")).to_be_visible()
    expect(found.locator(".option-group").last).to_have_text("Words")
    found.get_by_role("option", name="Parents who run").click()
    expect(conditions(one)).to_contain_text("Parents who run")


def test_what_cannot_be_edited_is_said_in_words(visit: Callable[..., Visit]) -> None:
    one = visit()
    follows = httpx.get(f"{one.site.base}/v1/facets/follows_twitter/traits", headers=one.site.headers).json()["items"]
    account = follows[0]
    whom = {"platform": "twitter", "accounts": [account["key"]], "at_least": 1}
    female = {"trait": {"facet": "gender", "any_of": ["female"]}}
    one.go(f"/build?from={made(one, 'Followers', {'and': [female, {'follows': whom}]})}")
    expect(conditions(one).last).to_contain_text("following")
    expect(conditions(one).last).not_to_contain_text("{")
    assert rule(one)["and"][1]["follows"]["accounts"] == [account["key"]]


def test_a_change_is_a_new_version_and_not_over_somebody_else_s(visit: Callable[..., Visit]) -> None:
    one = visit()
    number_of = made(one, "Changing", {"trait": {"facet": "gender", "any_of": ["female"]}})
    one.go(f"/build?from={number_of}")
    add(one, "vegan cooking")
    one.page.get_by_role("button", name="Save").click()
    one.page.get_by_role("button", name="Save as version 2").click()
    expect(one.page.locator(".hero")).to_be_visible()
    one.go(f"/build?from={number_of}")
    httpx.patch(
        f"{one.site.base}/v1/audiences/{number_of}", json={"description": "x"}, headers=one.site.headers
    ).raise_for_status()
    add(one, "running")
    one.page.get_by_role("button", name="Save").click()
    one.page.get_by_role("button", name="Save as version 3").click()
    expect(one.page.get_by_role("alert")).to_be_visible()
    one.complaints.clear()  # the browser itself notes a 409


def test_what_a_language_cannot_say_is_pointed_at(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    add(one, "female")
    box = one.page.get_by_label("Add a trait, audience or words")
    box.fill("good coffee")
    one.page.get_by_role("option", name="wrote “good coffee”").click()
    expect(conditions(one)).to_have_count(2)
    one.page.get_by_role("tab", name="Amazon expression").click()
    refusal = one.page.get_by_role("alert")
    expect(refusal).to_contain_text("cannot say this")
    expect(refusal).to_contain_text("Wrote “good coffee”")
    refusal.get_by_role("button", name="Show it in the builder").click()
    expect(one.page.locator(".movable.wrong")).to_contain_text("good coffee")
    expect(one.page.locator(".movable.wrong .handle")).to_be_focused()
    one.complaints.clear()  # the browser itself notes a 422


def test_a_building_that_was_begun_elsewhere_is_told_when_it_is_gone(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build?from=1234")
    expect(one.page.get_by_role("alert")).to_contain_text("no audience")
    assert number(one.page.locator(".answer .big-number").inner_text()) > 0
    one.complaints.clear()  # the browser itself notes a 404


def test_a_refusal_is_selected_in_the_text(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go("/build")
    one.page.get_by_role("tab", name="Profile Query Language").click()
    text = one.page.get_by_label("Profile Query Language")
    text.fill('person.gender = "female" and persn.age > 3')
    one.page.get_by_role("button", name="Use this text").click()
    expect(one.page.get_by_role("alert")).to_contain_text("persn")
    chosen = "(box) => box.value.slice(box.selectionStart, box.selectionEnd)"
    assert text.evaluate(chosen) == "persn"
    one.page.get_by_role("tab", name="Rule JSON").click()
    text = one.page.get_by_label("Rule JSON")
    for wrong, words in (("5", "dictionary"), ('{"and": [5]}', "rule.and[0]"), ('{"and": [', "not JSON")):
        text.fill(wrong)
        one.page.get_by_role("button", name="Use this text").click()
        expect(one.page.get_by_role("alert")).to_contain_text(words)
        expect(text).to_be_focused()
    one.complaints.clear()  # the browser itself notes refusals


def test_conditions_are_moved_by_buttons_where_nothing_can_be_dragged(visit: Callable[..., Visit]) -> None:
    one = visit(390)
    one.go("/build")
    for words in ("female", "vegan cooking"):
        box = one.page.get_by_label("Add a trait, audience or words").first
        box.fill(words)
        box.press("Enter")
        expect(box).to_have_value("")
    one.page.locator(".handle").nth(1).click()
    one.page.get_by_role("button", name="Up", exact=True).click()
    expect(one.page.locator(".condition").first).to_contain_text("Vegan cooking")
    one.page.get_by_role("button", name="Into a group").click()
    expect(one.page.locator(".group .group")).to_have_count(1)
