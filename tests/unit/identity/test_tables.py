"""Customer tables: columns are recognised, cells hashed by country, and what cannot be is told."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.base.errors import InvalidInput
from houselights.identity.countries import country_of
from houselights.identity.fields import FIELDS
from houselights.identity.hashing import NOTHING, sha256_hex
from houselights.identity.headers import TEMPLATE, recognise
from houselights.identity.normalise import email, phone, postal
from houselights.identity.tables import TablePlan, Unhashed, hash_table


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (["E-Mail", "First Name", "LAST_NAME", "Postcode"],
         {"email": "E-Mail", "first_name": "First Name", "last_name": "LAST_NAME", "postal": "Postcode"}),
        (["hashedEmail", "phone_sha256", "countryCode"],
         {"email": "hashedEmail", "phone": "phone_sha256", "country": "countryCode"}),
        (["firstname", "lastname", "street", "town", "province", "postal", "id", "notes"],
         {"first_name": "firstname", "last_name": "lastname", "address": "street", "city": "town", "state": "province",
          "postal": "postal"}),
        (list(TEMPLATE.values()), dict(TEMPLATE)),
    ],
)  # fmt: skip
def test_columns_are_recognised(header: list[str], found: dict[str, str]) -> None:
    assert recognise(header) == found


def test_columns_may_be_chosen() -> None:
    header = ["mail", "work mail", "email", "hash"]
    assert recognise(header, {"email": "work mail"}) == {"email": "work mail"}
    assert recognise(["x", "city"], {"phone": "x"}) == {"phone": "x", "city": "city"}
    # A column that was chosen for one field is not taken for another.
    assert recognise(["city", "town"], {"state": "city"}) == {"state": "city", "city": "town"}


@pytest.mark.parametrize(
    ("header", "chosen", "problem"),
    [(["mail", "email"], {}, 'both "mail" and "email" look like email'),
     (["id", "country"], {}, "none of the columns"),
     (["email"], {"emial": "email"}, 'no field is called "emial"'),
     (["email"], {"email": "emali"}, 'no column "emali"')],
)  # fmt: skip
def test_what_cannot_be_recognised_is_refused(header: list[str], chosen: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        recognise(header, chosen)


def test_cells_become_hashes_by_country() -> None:
    hashed = sha256_hex("ada@example.com")
    batch = pa.record_batch({
        "mail": ["Ada@Example.com", hashed.upper(), "n/a", None, " "],
        "tel": ["206 555 0100", "020 7946 0958", "+57 640 181 9291", "555", "+44 20 7946 0958"],
        "land": ["US", "United Kingdom", "uk", "", "Atlantis"],
        "id": [1, 2, 3, 4, 5],
    })  # fmt: skip
    columns = {"email": "mail", "phone": "tel", "country": "land"}
    out, bad = hash_table(batch, TablePlan(columns=columns, keep=("id", "land"), country="US"))
    assert out.schema.names == ["email", "phone", "id", "land"]
    assert out["email"].to_pylist() == [hashed, hashed, NOTHING, None, None]
    london = sha256_hex("442079460958")
    assert out["phone"].to_pylist() == [sha256_hex("12065550100"), london, NOTHING, NOTHING, london]
    assert out["id"].to_pylist() == [1, 2, 3, 4, 5]
    assert bad == [
        Unhashed(2, "mail", "n/a", "no email"),
        Unhashed(2, "tel", "+57 640 181 9291", "no phone"),
        Unhashed(3, "tel", "555", "no phone"),
    ]
    own, bad = hash_table(batch, TablePlan(columns=columns, country="US", own_codes=True, blank=True))
    assert own["phone"].to_pylist()[2:] == [sha256_hex("576401819291"), None, london]
    assert own["email"].to_pylist()[2:] == [None, None, None]
    assert [each.row for each in bad] == [2, 3]


def test_without_a_country_only_what_needs_none_is_hashed() -> None:
    batch = pa.record_batch({"city": ["Boise"], "zip": ["83702"], "phone": ["206 555 0100"], "c": [None]})
    columns = {"city": "city", "postal": "zip", "phone": "phone", "country": "c"}
    batch = batch.set_column(3, "c", pa.array([None], pa.string()))
    out, bad = hash_table(batch, TablePlan(columns=columns))
    assert out["city"].to_pylist() == [sha256_hex("boise")]
    assert out["zip"].to_pylist() == [NOTHING]
    assert {each.reason for each in bad} == {"no country"}
    assert {each.column for each in bad} == {"zip", "phone"}


cell = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["a@x.org", "2065550100", "83702", "W1A 1AA", "É"]))
land = st.sampled_from(["US", "GB", "DE", "Japan", "", "nowhere", None])


@given(st.lists(st.tuples(cell, cell, cell, land), min_size=1, max_size=12))
def test_a_batch_is_its_cells_one_by_one(rows: list[tuple[str | None, ...]]) -> None:
    mails, tels, zips, lands = (list(each) for each in zip(*rows, strict=True))
    names = {"email": mails, "phone": tels, "zip": zips, "country": lands}
    batch = pa.record_batch({name: pa.array(cells, pa.string()) for name, cells in names.items()})
    columns = {"email": "email", "phone": "phone", "postal": "zip", "country": "country"}
    out, bad = hash_table(batch, TablePlan(columns=columns, country="FR"))
    told = {(each.row, each.column) for each in bad}
    for place, (mail, tel, code, where) in enumerate(rows):
        country = country_of(where) if where and where.strip() else "FR"
        plain = {
            "email": email((mail or "").strip()),
            "phone": phone((tel or "").strip(), country) if country else "",
            "zip": postal((code or "").strip(), country) if country else "",
        }
        for column, given_cell in (("email", mail), ("phone", tel), ("zip", code)):
            expected = sha256_hex(plain[column]) if given_cell and given_cell.strip() else None
            found = out[column][place].as_py()
            if country is None and column == "phone" and found != NOTHING:
                assert (given_cell or "").strip().startswith("+") or found is None
                continue
            assert found == expected
            assert ((place, column) in told) == (found == NOTHING)


def test_countries_as_people_write_them() -> None:
    assert [country_of(text) for text in ("us", "USA", "U.K.", "Deutschland", "Germany", "FRA", " ", "Narnia")] == [
        "US", "US", "GB", None, "DE", "FR", None, None,
    ]  # fmt: skip


def test_the_template_has_a_word_for_every_field() -> None:
    assert tuple(TEMPLATE) == FIELDS
    assert recognise([*TEMPLATE.values()]) == dict(TEMPLATE)
