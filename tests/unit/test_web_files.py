"""The app's files: what they may do in a browser, how long it keeps them, and that they are what was vendored."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from houselights.web.files import STATIC
from houselights.web.vendor import FOLDER, differing, folder_of, packages

TEXTS = [path for path in STATIC.rglob("*") if path.suffix in {".js", ".css", ".html"} and "vendor" not in path.parts]


def test_vendored_files_are_as_written_down() -> None:
    assert differing() == []


def test_every_vendored_package_has_its_licence_beside_it() -> None:
    for package in packages():
        assert package["licence"], package["name"]
        assert (folder_of(package) / "LICENSE").is_file(), package["name"]
    assert {folder_of(package) for package in packages()} == {path for path in FOLDER.iterdir() if path.is_dir()}


def test_the_page_may_load_nothing_from_elsewhere(http: TestClient) -> None:
    reply = http.get("/")
    assert reply.status_code == 200
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_every_module_named_by_the_page_is_there(http: TestClient) -> None:
    page = http.get("/").text
    named = re.findall(r'"(/web/[^"]+\.[a-z]+)"', page)
    assert named
    for path in named:
        assert http.get(path).status_code == 200, path


def test_browsers_keep_what_is_vendored_and_ask_about_the_rest(http: TestClient) -> None:
    vendored = next((STATIC / "vendor").glob("preact-*/preact.mjs"))
    kept = http.get(f"/web/{vendored.relative_to(STATIC).as_posix()}")
    assert "immutable" in kept.headers["cache-control"]
    assert kept.headers["content-type"].startswith("text/javascript")
    asked = http.get("/web/app.js")
    assert asked.headers["cache-control"] == "no-cache"
    assert http.get("/web/app.js", headers={"If-None-Match": asked.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/web/../files.py", "/web/%2e%2e/files.py", "/web/nothing.js", "/web/ui"])
def test_nothing_else_is_served(http: TestClient, path: str) -> None:
    assert http.get(path).status_code == 404


def test_what_is_no_page_is_still_refused_as_before(http: TestClient) -> None:
    assert http.get("/nothing/here").headers["content-type"] == "application/problem+json"
    assert http.post("/").status_code == 405


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_files_of_the_app_are_small_and_name_no_other_host(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400
    assert set(re.findall(r"https?://[\w.-]+", text)) <= {"http://www.w3.org"}


def test_the_map_knows_where_land_is(http: TestClient) -> None:
    reply = http.get("/web/places/land.json")
    patches = {tuple(patch) for patch in reply.json()}
    assert (-1, 51) in patches, "London"
    assert (-31, 31) not in patches, "the middle of the Atlantic"
    assert len(reply.content) < 100_000
    assert http.get("/web/places/land.json", headers={"If-None-Match": reply.headers["etag"]}).status_code == 304
