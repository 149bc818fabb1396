"""Every page, at both widths and in both themes: nothing wider than the window, and nothing axe-core minds."""

import csv
import time
from collections.abc import Callable
from functools import cache

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from houselights.identity.hashing import sha256_hex
from houselights.identity.normalise import email
from tests.web.browsing import THEMES, WIDTHS, Site, Visit

PAGES = {
    "audiences": "/audiences",
    "build": "/build?from={nested}",
    "persona": "/persona/{parents}?over={gamers}",
    "compare": "/compare?with={parents},{gamers}",
    "lists": "/lists",
    "list": "/lists/{list}",
    "operations": "/operations/clients",
    "imports": "/operations/imports",
    "audit": "/operations/audit",
    "explorer": "/operations/api",
}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def place(visit: Visit, page: str) -> str:
    site = visit.site
    names = {"parents": site.audience("New parents"), "gamers": site.audience("Core gamers")}
    if page == "build":
        names["nested"] = nested(site)
    return PAGES[page].format(**names, list=uploaded(site) if page in {"list", "lists"} else "")


@cache
def nested(site: Site) -> str:
    """Return the id of an audience with groups in groups, made when there is none yet."""
    with_kitchen = {"or": [_interests("vegan-cooking"), {"and": [_interests("baking"), _interests("parenting")]}]}
    gamers = {"audience": site.audience("Core gamers")}
    rule = {"and": [{"trait": {"facet": "gender", "any_of": ["female"]}}, with_kitchen, {"not": gamers}]}
    made = httpx.post(f"{site.base}/v1/audiences", json={"name": "Weekend cooks", "rule": rule}, headers=site.headers)
    return str(made.raise_for_status().json()["id"])


def _interests(*keys: str) -> dict[str, object]:
    return {"trait": {"facet": "interests", "any_of": list(keys)}}


@cache
def uploaded(site: Site) -> str:
    """Return the id of a list with the demo's customers on it, made when there is none yet."""
    made = httpx.post(
        f"{site.base}/v1/lists", json={"name": "Customers", "ttl_seconds": 34_300_800}, headers=site.headers
    )
    audience = str(made.raise_for_status().json()["audience"]["id"])
    with site.customers.open(encoding="utf-8") as file:
        hashed = [{"email": sha256_hex(email(row["email"]))} for row in csv.DictReader(file) if row["email"]]
    body = {"records": [{"hashed": [one]} for one in hashed]}
    sent = httpx.post(f"{site.base}/v1/lists/{audience}/records", json=body, headers=site.headers)
    upload = f"{site.base}/v1/uploads/{sent.raise_for_status().json()['upload']}"
    end = time.monotonic() + 30
    while httpx.get(upload, headers=site.headers).json()["state"] == "waiting":
        assert time.monotonic() < end, "nobody worked on the upload"
        time.sleep(0.1)
    return audience


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", [*PAGES, "welcome"])
def test_a_page_fits_and_is_readable_for_everybody(
    visit: Callable[..., Visit], page: str, width: int, theme: str
) -> None:
    # The checker itself writes styles into the page, which the page's policy forbids; journeys keep the policy.
    one = visit(width, theme, signed_in=page != "welcome", bypass_csp=True)
    if page == "welcome":
        one.page.goto(one.site.base)
        one.page.get_by_label("Name").wait_for()
    else:
        one.go(place(one, page))
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(one.page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
