"""What an uploader does: makes a list, drops a file, corrects a column, watches it go, and keeps what was wrong."""

import csv
import io
import json
import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Locator, Page, Route, expect

from houselights.identity.hashing import sha256_hex
from tests.web.browsing import Site, Visit

CUSTOMERS = "customers.csv"  # the demo world has such a list: a thousand rows, eight hundred of them known


def made(site: Site, name: str) -> str:
    body = {"name": name, "country": "US", "ttl_seconds": 400 * 86_400}
    reply = httpx.post(f"{site.base}/v1/lists", json=body, headers=site.headers)
    return str(reply.raise_for_status().json()["audience"]["id"])


def told(site: Site, audience: str) -> dict[str, float]:
    found: dict[str, float] = httpx.get(f"{site.base}/v1/lists/{audience}", headers=site.headers).json()
    return found


def figure(page: Page, words: str) -> Locator:
    return page.locator(".figures div").filter(has=page.get_by_text(words, exact=True)).locator("dd")


def choose(one: Visit, name: str, content: bytes) -> None:
    one.page.get_by_label("CSV file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def send(one: Visit) -> None:
    one.page.get_by_role("button", name="Hash and send").click()
    expect(one.page.get_by_role("heading", name="Done")).to_be_visible(timeout=30_000)


def test_a_list_is_made_and_a_customer_file_brought_to_it(visit: Callable[..., Visit]) -> None:
    one = visit()
    sent: list[str] = []
    one.page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    one.page.keyboard.press("g")
    one.page.keyboard.press("l")
    one.page.get_by_role("button", name="Make a list").first.click()
    one.page.get_by_label("Name").fill("Spring customers")
    one.page.get_by_label("Country").fill("us")
    one.page.get_by_label("Days").fill("30")
    one.page.get_by_role("button", name="Make the list").click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Spring customers")
    content = one.site.customers.read_bytes()
    choose(one, CUSTOMERS, content)
    expect(one.page.get_by_label("email")).to_have_value("email")
    expect(one.page.get_by_label("zip")).to_have_value("postal")
    send(one)
    expect(figure(one.page, "Rows read")).to_have_text("1,000")
    expect(figure(one.page, "Matched")).to_contain_text("800")
    expect(one.page.get_by_text("80.0 %").first).to_be_visible()
    audience = one.page.url.rsplit("/", 1)[1]
    assert (told(one.site, audience)["received"], told(one.site, audience)["matched"]) == (1000, 800)
    # Whatever was in the file, in no spelling of it, went anywhere.
    everything = "\n".join(sent).lower()
    assert '"hashed"' in everything
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    raw = {row[name].lower() for row in rows for name in ("email", "phone", "address") if len(row[name]) > 6}
    assert len(raw) > 1000
    assert [value for value in raw if value in everything] == []
    bodies = [text for text in everything.split("\n") if "/records" in text]
    hashes = re.compile(r"[0-9a-f]{64}")
    records = [record for text in bodies for record in json.loads(text[text.index('{"records"') :])["records"]]
    assert all(
        hashes.fullmatch(value) for record in records for person in record["hashed"] for value in person.values()
    )
    assert {name for record in records for name in record} == {"action", "hashed", "country"}


def test_wrong_rows_stay_behind_and_can_be_kept(visit: Callable[..., Visit]) -> None:
    one = visit()
    audience = made(one.site, "Wrong rows")
    one.go(f"/lists/{audience}")
    email = "6" * 64
    rows = ["Contact;Telephone;Notes", 'ann@example.net;;"a;b\nc"', "n/a;;x", f"{email.upper()};12;", ";;"]
    rows.append("bob@example.net;206 555 0100")  # a cell too few
    choose(one, "wrong.csv", "\n".join(rows).encode("utf-16"))
    expect(one.page.get_by_label("Contact")).to_have_value("email")  # by what stands in it, not by its name
    expect(one.page.get_by_label("Telephone")).to_have_value("phone")
    expect(one.page.get_by_label("Notes")).to_have_value("")
    send(one)
    expect(figure(one.page, "Records sent")).to_have_text("2")
    expect(figure(one.page, "Rows left out")).to_have_text("3")
    expect(figure(one.page, "Sent in part")).to_have_text("1")
    faults = one.page.get_by_role("region", name="Rows with something wrong").get_by_role("row")
    expect(faults.nth(1)).to_contain_text("Contact: no email")
    expect(faults.nth(2)).to_contain_text("Telephone: no phone")
    with one.page.expect_download() as saved:
        one.page.get_by_role("button", name="Download all 4").click()
    kept = list(csv.reader(saved.value.path().read_text().splitlines()))
    assert kept[0] == ["row", "sent", "problem", "Contact", "Telephone", "Notes"]
    assert kept[1] == ["2", "no", "Contact: no email", "n/a", "", "x"]
    assert kept[2][:2] == ["3", "without these"]
    assert kept[3] == ["4", "no", "nothing in it to hash", "", "", ""]
    assert kept[4][:3] == ["5", "no", "2 cells, not 3"]
    assert told(one.site, audience)["received"] == 2


def test_a_row_that_the_server_refuses_is_named_and_kept(visit: Callable[..., Visit]) -> None:
    one = visit()
    audience = made(one.site, "Refused rows")
    one.go(f"/lists/{audience}")

    def spoil(route: Route) -> None:
        """Make the third record nobody's on its way: the hash of nothing, which the browser itself never sends."""
        body = route.request.post_data_json
        body["records"][2]["hashed"] = [{"email": sha256_hex("")}]
        route.continue_(post_data=json.dumps(body))

    one.page.route("**/records", spoil)
    lines = ["email,note", "ann@example.net,a", "n/a,b", "bob@example.net,c", "cid@example.net,d", "dee@example.net,e"]
    choose(one, "refused.csv", "\n".join(lines).encode())
    send(one)
    expect(figure(one.page, "Records sent")).to_have_text("4")
    expect(figure(one.page, "Refused by the server")).to_have_text("1")
    faults = one.page.get_by_role("region", name="Rows with something wrong").get_by_role("row")
    expect(faults.nth(1)).to_contain_text("2email: no email")
    expect(faults.nth(2)).to_contain_text("4")
    expect(faults.nth(2)).to_contain_text("refused by the server")
    with one.page.expect_download() as saved:
        one.page.get_by_role("button", name="Download all 2").click()
    kept = list(csv.reader(saved.value.path().read_text().splitlines()))
    assert [row[:2] + row[3:] for row in kept[1:]] == [
        ["2", "no", "n/a", "b"],
        ["4", "refused by the server", "cid@example.net", "d"],
    ]
    assert kept[2][2]


def test_a_pause_that_the_server_asks_for_is_kept_and_one_may_pause_too(visit: Callable[..., Visit]) -> None:
    one = visit()
    audience = made(one.site, "In pieces")
    one.go(f"/lists/{audience}")
    seen: list[int] = []

    def busy(route: Route) -> None:
        seen.append(len(route.request.post_data_json["records"]))
        if len(seen) == 2:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"title": "Too many", "detail": "wait"})
        else:
            route.continue_()

    one.page.route("**/records", busy)
    lines = "".join(f"person-{number}@example.net\n" for number in range(4500))
    choose(one, "many.csv", ("email\n" + lines).encode())
    one.page.get_by_role("button", name="Hash and send").click()
    expect(one.page.get_by_role("heading", name="The server asks for a pause")).to_be_visible()
    one.page.get_by_role("button", name="Pause").click()
    expect(one.page.get_by_role("heading", name="Paused")).to_be_visible()
    one.go("/audiences")  # it is kept while another page is shown
    one.go(f"/lists/{audience}")
    one.page.get_by_role("button", name="Go on").click()
    expect(one.page.get_by_role("heading", name="Done")).to_be_visible(timeout=30_000)
    assert seen == [2000, 2000, 2000, 500]
    assert told(one.site, audience)["received"] == 4500
    one.complaints.clear()  # the browser itself notes a 429


def test_how_long_people_stay_and_who_is_taken_off(visit: Callable[..., Visit]) -> None:
    one = visit()
    audience = made(one.site, "Coming and going")
    one.go(f"/lists/{audience}")
    choose(one, CUSTOMERS, one.site.customers.read_bytes())
    send(one)
    on_it = one.page.get_by_label("Numbers").locator(".big-number")
    expect(on_it).to_have_text("800")
    one.page.get_by_role("spinbutton", name="Days", exact=True).fill("0")
    one.page.get_by_role("button", name="Change").click()
    expect(on_it).to_have_text("0")
    one.page.get_by_role("spinbutton", name="Days", exact=True).fill("30")
    one.page.get_by_role("button", name="Change").click()
    expect(on_it).to_have_text("800")
    one.page.get_by_role("button", name="Bring another file").click()
    choose(one, CUSTOMERS, one.site.customers.read_bytes())
    one.page.get_by_role("combobox", name="Do", exact=True).select_option("DELETE")
    send(one)
    expect(on_it).to_have_text("0")
    expect(one.page.get_by_role("region", name="Uploads").get_by_role("row")).to_have_count(3)


def test_a_file_that_is_no_table_is_refused(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.go(f"/lists/{made(one.site, 'No table')}")
    choose(one, "book.xlsx", b"PK\x03\x04 and so on")
    expect(one.page.get_by_role("alert")).to_contain_text("Save it as CSV first")
    choose(one, "empty.csv", b"")
    expect(one.page.get_by_role("alert")).to_contain_text("The file is empty")
    choose(one, "both.csv", b"email,mail\na@example.net,b@example.net\n")
    one.page.get_by_role("combobox", name="mail", exact=True).select_option("email")
    expect(one.page.get_by_text("Two columns are said to be E-mail")).to_be_visible()
    expect(one.page.get_by_role("button", name="Hash and send")).to_be_disabled()
