"""`make pictures`: every page of the web app at both widths and in both themes, into docs/pictures.

A picture shows the top of its page, as much as one scrolls through at once; of the persona there is a whole one, too.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.web.browsing import HEIGHT, THEMES, WIDTHS, Visit, launched, served, visiting
from tests.web.test_look import PAGES, place

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
PEOPLE = 20_000
TALLEST = 1400  # pixels of a page that are shown
WHOLE = ("persona",)


def photograph(one: Visit, file: Path, width: int, tallest: int) -> None:
    """Photograph the page that is shown, in a window as tall as the page is or as is allowed."""
    tall = int(one.page.evaluate("document.documentElement.scrollHeight"))
    one.page.set_viewport_size({"width": width, "height": max(HEIGHT, min(tall, tallest))})
    one.settle()
    one.page.screenshot(path=file)
    one.page.set_viewport_size({"width": width, "height": HEIGHT})


def main() -> None:
    """Draw all of them."""
    with tempfile.TemporaryDirectory() as data, served(Path(data), PEOPLE) as site, sync_playwright() as playwright:
        browser, session = launched(playwright), site.session()
        for width in WIDTHS:
            for theme in THEMES:
                one = visiting(browser, site, width, theme)
                one.page.goto(site.base)
                one.page.get_by_label("Name").wait_for()
                one.page.screenshot(path=FOLDER / f"welcome-{theme}-{width}.png")
                one.let_in(session)
                for page in PAGES:
                    one.go(place(one, page))
                    photograph(one, FOLDER / f"{page}-{theme}-{width}.png", width, TALLEST)
                    if page in WHOLE:
                        photograph(one, FOLDER / f"{page}-whole-{theme}-{width}.png", width, 10_000)
                    sys.stdout.write(f"{page} {theme} {width}\n")
                one.context.close()
        browser.close()


if __name__ == "__main__":
    main()
