"""One server and one browser for all tests of the web app."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.web.browsing import Site, Visit, chromium, launched, served, visiting

PEOPLE = 4000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them in one worker, with one server; none where there is no browser, and why."""
    missing = pytest.mark.skip(reason="there is no Chromium; `make setup` installs it where apt can")
    for item in items:
        if "/tests/web/" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("web"))
            if chromium() is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("web"), PEOPLE) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launched(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def session(site: Site) -> str:
    """The cookie of somebody signed in."""
    return site.session()


@pytest.fixture
def visit(site: Site, browser: Browser, session: str) -> Iterator[Callable[..., Visit]]:
    """Open windows, signed in; at the end nothing may have gone wrong in them, and no other host been asked."""
    opened: list[Visit] = []

    def open_one(width: int = 1280, theme: str = "light", *, signed_in: bool = True, **more: Any) -> Visit:
        one = visiting(browser, site, width, theme, accept_downloads=True, **more)
        opened.append(one)
        if signed_in:
            one.let_in(session)
        return one

    yield open_one
    for one in opened:
        one.context.close()
        assert one.complaints == []
        assert {host for host in one.hosts if not host.startswith(("data:", "blob:"))} == {site.base}
