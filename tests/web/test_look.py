"""Every page, at both widths and in both themes: nothing wider than the window, and nothing axe-core minds."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.web.browsing import THEMES, WIDTHS, Visit

PAGES = {
    "audiences": "/audiences",
    "build": "/build?from={parents}",
    "persona": "/persona/{parents}",
    "compare": "/compare?with={parents},{gamers}",
}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def place(visit: Visit, page: str) -> str:
    return PAGES[page].format(parents=visit.site.audience("New parents"), gamers=visit.site.audience("Core gamers"))


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
