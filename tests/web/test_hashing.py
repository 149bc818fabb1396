"""The browser normalises and hashes as the server does: thousands of rows through both, compared hash by hash.

The rows are drawn, always the same ones: what people type, what they mistype, numbers of every country there is a plan
for, scripts of all kinds, and hashes that were made elsewhere.
"""

import random
from collections.abc import Callable
from typing import Any

import phonenumbers
import pyarrow as pa
import pycountry

from houselights.identity.countries import country_of
from houselights.identity.fields import FIELDS
from houselights.identity.headers import COUNTRY, TEMPLATE
from houselights.identity.normalise import OPENED_SINCE
from houselights.identity.tables import TablePlan, hash_table
from tests.web.browsing import Visit

ROWS = 1500  # of each field, with and without countries of their own in phone numbers
LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 .,-_'#@+/()[]{}"
LETTERS += "ßäöüÄÖÜøæéñçİıſ李山\u00a0\u0085\x1c\ufeff²½٣\u3000ΣςдобX\t"
STREETS = [
    "North",
    "Street",
    "St.",
    "Avenue",
    "Ave",
    "Apt",
    "#",
    "Flat",
    "12-14",
    "12-a",
    "7b",
    "C/O",
    "Calle",
    "C/",
    "Platz",
    "Straße",
    "Boulevard",
    "Blvd",
    "Way",
    "Rue",
    "Allée",
    "Piazza",
    "Corso",
    "Suite",
    "No.",
    "Núm",
    "East",
    "main",
    "5",
    "123",
    "#5",
    "4#7",
    "Impasse",
    "Rd",
]
STATES = [
    "California",
    "north rhine-westphalia",
    "Bavaria",
    "Hessen",
    "Île-de-France",
    "NY",
    "Québec",
    "Ontario",
    "Milano",
    "Venice",
    "Madrid",
    "A Coruña",
    "ny",
]
CODES = [
    "SW1A 1AA",
    "ec1v9hq",
    "75236-9599",
    "12307",
    "K1A 0B1",
    "k1a0b1x",
    "123",
    "1234 AB",
    "110 001",
    "100-0001",
    "A1",
]
AFTER = [
    " x17",
    " ext. 5",
    "ext 99",
    "#12",
    " доб 4",
    "x",
    "  extension 9",
    " anexo 3",
    ", 5",
    ",,5#",
    " / x9",
    "/ 55 22",
    "FLOWERS",
    "-ABC-DEF",
    "²",
    "٣٤",
]
BEFORE = ["tel:", "call ", "(", "00", "011", "0", "+", "++", "＋", ""]
OFTEN = ["US", "GB", "DE", "FR", "IT", "ES", "CA", "JP", "BR", "AR", "MX", "JE", "IN", ""]

ASK = """async ([rows, ownCodes]) => {
  const { hasher } = await import("/web/identity/hash.js");
  const { cell, countryOf } = hasher(await (await fetch("/web/identity/tables.json")).json());
  return rows.map(([field, value, country]) => cell(field, value, countryOf(country), ownCodes).hash);
}"""
LANDS = """async (written) => {
  const { hasher } = await import("/web/identity/hash.js");
  const { countryOf } = hasher(await (await fetch("/web/identity/tables.json")).json());
  return written.map(countryOf);
}"""


def noise(rng: random.Random) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(0, 20)))


def number(rng: random.Random) -> tuple[str, str]:
    """A phone number and its country, as they stand in customer tables, right or not."""
    country = rng.choice(sorted(phonenumbers.SUPPORTED_REGIONS)) if rng.random() < 0.5 else rng.choice(OFTEN[:-1])
    known = phonenumbers.example_number_for_type(country, rng.choice([0, 1, 2, 3, 4]))
    if known is None or rng.random() < 0.3:
        text = "".join(rng.choice("0123456789") for _ in range(rng.randint(0, 16)))
        if country in OPENED_SINCE:  # where a number written bare and one written in full are not the same
            text = rng.choice(["", "0", "81", "39"]) + rng.choice(["60", "62", "43"]) + f"{rng.randrange(10**8):08}"
    else:
        text = phonenumbers.format_number(known, rng.choice([0, 1, 2, 3]))
    if rng.random() < 0.2:
        text = "".join(letter for letter in text if letter.isdigit())
    if rng.random() < 0.15:
        text += rng.choice(AFTER)
    if rng.random() < 0.1:
        text = rng.choice(BEFORE) + text
    return text, country if rng.random() < 0.8 else rng.choice(OFTEN)


def drawn(rng: random.Random, field: str) -> tuple[str, str]:
    """A value of a field and the country beside it, in one of its spellings or none."""
    kind = rng.random()
    if kind < 0.02:
        return "".join(rng.choice("0123456789abcdefABCDEF") for _ in range(64)), rng.choice(OFTEN)
    if kind < 0.2:
        return noise(rng), rng.choice(OFTEN)
    if field == "phone":
        return number(rng)
    every = list(pycountry.countries)
    country = rng.choice(OFTEN) if rng.random() < 0.6 else str(rng.choice(every).alpha_2)
    match field:
        case "email":
            return noise(rng)[:8] + "@" + rng.choice(["Example.com", "x.org", "mail.example.co.uk", "ä.de"]), country
        case "address":
            return " ".join(rng.choice(STREETS) for _ in range(rng.randint(1, 7))), country
        case "state":
            return rng.choice(STATES), country
        case "postal":
            return rng.choice(CODES), country
        case _:
            return noise(rng), country


def hashed(field: str, rows: list[tuple[str, str]], *, own_codes: bool) -> list[str | None]:
    """What the server makes of them."""
    batch = pa.record_batch({"value": [row[0] for row in rows], "land": [row[1] for row in rows]})
    plan = TablePlan(columns={field: "value", COUNTRY: "land"}, own_codes=own_codes)
    found: list[str | None] = hash_table(batch, plan)[0][TEMPLATE[field]].to_pylist()
    return found


def test_the_browser_hashes_as_the_server_does(visit: Callable[..., Visit]) -> None:
    one, rng = visit(), random.Random(20_26)
    compared = 0
    for field in FIELDS:
        for own_codes in (False, True) if field == "phone" else (False,):
            rows = [drawn(rng, field) for _ in range(ROWS)]
            expected = hashed(field, rows, own_codes=own_codes)
            got: Any = one.page.evaluate(ASK, [[[field, *row] for row in rows], own_codes])
            wrong = [(row, want, have) for row, want, have in zip(rows, expected, got, strict=True) if want != have]
            assert wrong == [], (field, own_codes, wrong[:5])
            compared += len(rows)
    assert compared == ROWS * (len(FIELDS) + 1)


def test_the_browser_knows_the_same_countries(visit: Callable[..., Visit]) -> None:
    countries = list(pycountry.countries)
    written = [
        str(getattr(country, name)).swapcase()
        for country in countries
        for name in ("alpha_2", "alpha_3", "name", "official_name", "common_name", "numeric")
        if getattr(country, name, None)
    ]
    written += [" UK ", "U.K.", "England", "U.S.A.", "U.S.", "nowhere", ""]
    assert visit().page.evaluate(LANDS, written) == [country_of(each) for each in written]
