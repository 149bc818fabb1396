"""A demo world served by a process, and a browser that looks at it: for the tests of the web app and its pictures."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from houselights.services.demo.customers import CUSTOMERS
from houselights.services.demo.world import source_of

HOUSELIGHTS = [sys.executable, "-c", "from houselights.cli.main import run; run()"]
WIDTHS = (1280, 390)
THEMES = ("light", "dark")
HEIGHT = 860
STILL = """!document.querySelector('.skeleton, [aria-busy="true"]')
  && ![...document.querySelectorAll(".drawing-box")].some((box) => !box.firstChild)"""


@dataclass(frozen=True, slots=True)
class Site:
    """A running server, and who may sign in."""

    base: str
    name: str
    password: str
    token: str
    data: Path

    def audience(self, name: str) -> str:
        """Return the id of an audience by its name."""
        reply = httpx.get(f"{self.base}/v1/audiences", params={"name": name}, headers=self.headers)
        return str(reply.raise_for_status().json()["items"][0]["id"])

    def session(self) -> str:
        """Sign in once, and return the session's cookie."""
        reply = httpx.post(f"{self.base}/v1/session", json={"name": self.name, "password": self.password})
        return str(reply.raise_for_status().cookies["houselights_session"])

    def session_of(self, name: str, role: str) -> str:
        """Let somebody in with a role, and return their session's cookie."""
        person = {"name": name, "password": "a long sentence"}
        made = httpx.post(f"{self.base}/v1/people", json=person | {"role": role}, headers=self.headers)
        assert made.status_code == 201, made.text
        reply = httpx.post(f"{self.base}/v1/session", json=person)
        return str(reply.raise_for_status().cookies["houselights_session"])

    @property
    def customers(self) -> Path:
        """The list of customers that the demo writes for uploading."""
        return source_of(self.data) / CUSTOMERS

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def served(data: Path, people: int) -> Iterator[Site]:
    """Make a demo world of so many people in `data`, unless there is one, and serve it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOUSELIGHTS")}
    make = [*HOUSELIGHTS, "demo", "--people", str(people), "--no-serve", "--data", str(data), "--json"]
    if not (data / "credentials.json").exists():
        subprocess.run(make, check=True, capture_output=True, timeout=600, env=environment)
    credentials = json.loads((data / "credentials.json").read_text("utf-8"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [*HOUSELIGHTS, "serve", "--data", str(data), "--port", str(port)]
    with (data / "server.log").open("wb") as log, subprocess.Popen(serve, stderr=log, env=environment) as process:
        try:
            base = f"http://127.0.0.1:{port}"
            _until_ready(base, process)
            yield Site(base, **credentials["web"], token=credentials["native"]["token"], data=data)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _until_ready(base: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended by itself"
        try:
            if httpx.get(f"{base}/v1/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the server was never ready")


def chromium() -> str | None:
    """Return where the browser is, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def launched(playwright: Playwright) -> Browser:
    """Start the machine's own browser."""
    # Containers seldom let a browser make its sandbox, and it shows nothing but our own pages.
    return playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


@dataclass
class Visit:
    """A browser window, what went wrong in it, and which hosts it asked."""

    site: Site
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(re.sub(r"^(\w+://[^/]*).*", r"\1", request.url)))

    def sign_in(self) -> None:
        """Sign in as the demo's operator."""
        self.page.goto(self.site.base)
        self.page.get_by_label("Name").fill(self.site.name)
        self.page.get_by_label("Password").fill(self.site.password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Audiences")

    def let_in(self, session: str) -> None:
        """Be signed in already, by the cookie of a session; sign-ins are few a minute."""
        self.context.add_cookies([{"name": "houselights_session", "value": session, "url": self.site.base}])
        self.page.goto(self.site.base)
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Audiences")

    def go(self, place: str) -> None:
        """Go to a page of the app and wait until it has stopped loading."""
        self.page.goto(f"{self.site.base}/#{place}")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is loading and every drawing is drawn."""
        self.page.wait_for_load_state("networkidle")
        end = time.monotonic() + 30
        while not self.page.evaluate(STILL):  # asked from here: the page's policy lets nobody evaluate text in it
            assert time.monotonic() < end, "the page never came to rest"
            self.page.wait_for_timeout(50)


def visiting(browser: Browser, site: Site, width: int = 1280, theme: str = "light", **more: Any) -> Visit:
    """Open a window of a width and a theme."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        **more,
    )
    return Visit(site, context, context.new_page())
