"""Normal forms and their hashes, against values worked out by hand and hashes that are public."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.identity.address import address, address_forms
from houselights.identity.hashing import NOTHING, is_sha256, sha256_hex
from houselights.identity.namespaces import NAMESPACES, hashed, identities
from houselights.identity.normalise import (
    city,
    email,
    email_forms,
    international,
    name,
    phone,
    phone_forms,
    postal,
    postal_forms,
    state,
    state_forms,
)
from houselights.identity.postal import COMBINATIONS, combined, field_hashes, postal_identities


@pytest.mark.parametrize(
    ("text", "expected"),
    [("O'Neil", "oneil"), ("Müller", "mueller"), ("Groß", "gross"), ("Bjørn-Æsa", "bjornaesa"), ("José", "jos"),
     ("Mary Ann 2", "maryann2"), ("李", ""), ("", "")],
)  # fmt: skip
def test_names(text: str, expected: str) -> None:
    assert name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(" ABC@Example.com ", "abc@example.com"), ("a.b+tag@x.org", "a.btag@x.org"), ("a b@x", "ab@x"),
     ("no-at-sign", ""), ("@x.org", ""), ("a@", ""), ("a@b@c", ""), ("", "")],
)  # fmt: skip
def test_emails(text: str, expected: str) -> None:
    assert email(text) == expected


def test_forms_of_an_email() -> None:
    assert email_forms("Abc@Example.com") == ("abc@example.com",)
    assert email_forms("a_b+News@x.org") == ("a_bnews@x.org", "abnews@x.org", "a_b+news@x.org", "a_b@x.org")
    assert email_forms("nonsense") == ()


@given(st.from_regex(r"\A\s?[A-Za-z0-9.-]+@[A-Za-z0-9.-]+\s?\Z"))
def test_a_simple_email_has_one_form_and_it_is_the_normal_one(text: str) -> None:
    assert email_forms(text) == (email(text),)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [("+1 (206) 555-0100", None, "12065550100"), ("12065550100", None, "12065550100"), ("0049 30 123456", None, ""),
     ("206 555 0100", "US", "12065550100"), ("555-0100", "US", ""), ("1-206-555-0100", "US", "12065550100"),
     ("020 7946 0958", "GB", "442079460958"), ("+44 20 7946 0958", "GB", "442079460958"),
     ("06 6982 0000", "IT", "390669820000"), ("+39 06 6982 0000", "IT", "390669820000"),
     ("(206) 555-0100 x17", "US", "12065550100"), ("206-555-0100 ext. 5", "US", "12065550100"),
     ("1-206-FLOWERS", "US", "12063569377"), ("+44 20 7946 0958 x9", None, "442079460958"),
     ("+44 20 7946 0958", "US", ""), ("+62 457 848 8164", "DE", "49624578488164"), ("4655550100", "GB", ""),
     ("03-3224-9999", "JP", "81332249999"), ("91 411 11 11 11", "ES", ""), ("914 11 11 11", "ES", "34914111111"),
     ("01 42 68 53 00", "FR", "33142685300"), ("098765 43210", "IN", "919876543210"),
     ("416-555-0123", "CA", "14165550123"), ("949 555 0100", "CA", "19495550100"),
     ("627 266 3814", "JP", ""), ("060-1234-5678", "JP", "816012345678"), ("+81 60 1234 5678", "JP", "816012345678"),
     ("06-6272-6638", "JP", "81662726638"), ("432 293 1920", "IT", ""), ("+39 432 293 1920", "IT", "394322931920"),
     ("n/a", None, ""), ("n/a", "US", ""), ("", "US", "")],
)  # fmt: skip
def test_phones(text: str, country: str | None, expected: str) -> None:
    assert phone(text, country) == expected


def test_forms_of_a_phone() -> None:
    assert phone_forms("(206) 555-0100", "US") == ("12065550100", "+12065550100")
    assert phone_forms("12") == ()
    # A foreign number: as the common tool takes it, for one of the country's own, and as it says itself.
    assert phone_forms("+44 20 7946 0958", "DE") == (
        "49442079460958", "+49442079460958", "442079460958", "+442079460958"
    )  # fmt: skip
    assert phone_forms("+57 640 181 9291", "GB") == ("576401819291", "+576401819291")
    assert international("+57 640 181 9291") == "576401819291"
    assert international("640 181 9291") == ""


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [("New York", "US", "ny"), ("wa", "US", "wa"), ("CALIFORNIA", "US", "ca"), ("Ontario", "CA", "on"),
     ("Québec", "CA", "qu"), ("Bayern", "DE", "ba"), ("Hamburg", "DE", "hh"),
     ("Hesse", "DE", "he"), ("Baden-Wuerttemberg", "DE", "bw"), ("Quebec", "CA", "qc"), ("Île-de-France", "FR", "le"),
     ("Ile de France", "FR", "if"), ("Alsace", "FR", "aa"), ("Milan", "IT", "mi"), ("Rome", "IT", "rm"),
     ("L'Aquila", "IT", "aq"), ("Trentino", "IT", "tn"), ("Madrid", "ES", "m"), ("La Coruna", "ES", "c"),
     ("Gipuzkoa", "ES", "ss"), ("Kent", "GB", "ke"), ("Tokyo", "JP", "to"), ("District of Columbia", "US", "di"),
     ("Gujarat", "IN", "gu"), ("", "US", "")],
)  # fmt: skip
def test_states(text: str, country: str, expected: str) -> None:
    assert state(text, country) == expected


def test_a_state_by_its_own_name_too() -> None:
    assert state_forms("Bayern", "DE") == ("ba", "by")
    assert state_forms("Baden-Württemberg", "DE") == ("ba", "bw")
    assert state_forms("Roma", "IT") == ("ro", "rm")
    assert state_forms("Québec", "CA") == ("qu", "qc")
    assert state_forms("Bretagne", "FR") == ("br", "bt")
    assert state_forms("Jaén", "ES") == ("ja", "j")
    assert state_forms("Texas", "US") == ("tx",)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [("10001-1234", "US", "10001"), ("1000", "US", ""), ("75001", "FR", "75001"), ("k1a 0b1", "CA", "k1a0b1"),
     ("K1A", "CA", ""), ("SW1A 1AA", "GB", "SW1A1AA"), ("sw1", "GB", ""), ("110 001", "IN", "110001"),
     ("100-0001", "JP", "1000001"), ("2000", "AU", "2000"), ("1012 AB", "NL", "1012"), ("01310-100", "BR", "01310"),
     ("114 55", "SE", "11455"), ("K1A 0B1 2", "CA", "K1A0B1"), ("EC1A 1BB", "GB", "EC1A1BB"), ("100", "AU", ""),
     ("", "US", "")],
)  # fmt: skip
def test_postal_codes(text: str, country: str, expected: str) -> None:
    assert postal(text, country) == expected


def test_forms_of_a_postal_code() -> None:
    assert postal_forms("10001-1234", "US") == ("10001", "100011234")
    assert postal_forms("SW1A 1AA", "GB") == ("SW1A1AA", "sw1a1aa")


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [("123 East Main St. Apt #5", "US", "123emainstaptnumber5"), ("Pennsylvania Avenue NW", "US", "pennsylvaniaavenw"),
     ("12-B Elm Street", "US", "12belmst"), ("5 (Rear) C/O Ada, Oak Road!", "US", "5rearadaoakrd"),
     ("10 Downing Street", "GB", "10downingst"), ("Calle Mayor 3", "ES", "callemayor3"),
     ("C/ Mayor, 3", "ES", "callemayor3"),
     ("9 Elm Plaza", "ES", "9elmplaza"),
     ("9 Elm Plaza", "DE", "9elmplz"), ("9 Elm Avenue", "FR", "9elmave"),
     ("3 Allee des Tilleuls", "FR", "3alléedestilleuls"),
     ("2 Place du Nord", "FR", "2pldunord"), ("V.le Roma 5", "IT", "vleroma5"), ("Vle Roma 5", "IT", "vialeroma5"),
     ("Pza Dante 1 NO 4", "IT", "piazzadante1number4"), ("Flat 2, 5 Acme Limited Close", "GB", "flat25acmeltdclose"),
     ("7 King St. South West", "CA", "7kingstsw"), ("1-2-3 Chiyoda", "JP", "1-2-3chiyoda"),
     ("12-B3 Elm Way", "US", "12b3elmway"),
     ("12-14 Elm Way", "US", "12-14elmway"), ("Hanger 9 Key 2 Dept #7", "US", "hngr9key2deptnumber7"),
     ("5 Mac/Oak Road", "US", "5mac/oakrd"), ("8 Rua Azul Square", "BR", "8ruaazulsq"), ("", "US", "")],
)  # fmt: skip
def test_addresses(text: str, country: str, expected: str) -> None:
    assert address(text, country) == expected


def test_forms_of_an_address() -> None:
    assert address_forms("1 Sunset Boulevard", "US") == ("1sunsetboulevard", "1sunsetblvd")
    assert address_forms("9 Elm Street", "US") == ("9elmst", "9elmstreet")


def test_cities() -> None:
    assert city("New York") == "newyork"
    assert city("München") == "mnchen"


@pytest.mark.parametrize(
    ("text", "begin"),
    [("abc@example.com", "9eceb13483d7f187ec014fd6d4854d14"), ("12065550100", "0000fd21"), ("newyork", "350c754b"),
     ("oneil", "67a42a84"), ("", "e3b0c442")],
)  # fmt: skip
def test_hashes_that_are_public(text: str, begin: str) -> None:
    assert sha256_hex(text).startswith(begin)


def test_the_hash_of_nothing_identifies_nobody() -> None:
    assert hashed(NOTHING) == ()
    assert field_hashes("city", NOTHING, "US") == ()
    for namespace in NAMESPACES:
        assert identities(namespace, "") == ()
        assert identities(namespace, "  ") == ()


def test_a_hash_is_kept_in_lower_case() -> None:
    given = sha256_hex("abc@example.com")
    assert identities("email", given.upper()) == (given,)
    assert hashed(f" {given.upper()} ") == (given,)
    with pytest.raises(ValueError, match="not a SHA-256"):
        hashed("abc@example.com")


def test_tokens_are_stored_as_they_are() -> None:
    assert identities("external:crm", " Ab1 ") == ("Ab1",)
    assert identities("cookie", "Ab1") == ("Ab1",)
    assert identities("maid", "AAAA-bb") == ("aaaa-bb",)
    with pytest.raises(KeyError):
        identities("shoe_size", "43")


def test_name_and_address_can_be_looked_up_from_hashes_alone() -> None:
    raw = {
        "first_name": "Ada",
        "last_name": "O'Neil",
        "address": "9 Elm Street",
        "postal": "10001-1234",
        "city": "New York",
    }
    found = postal_identities(raw, "US")
    # Two forms of the address, two of the postal code.
    assert [namespace for namespace, _ in found].count("name_address_postal") == 4
    assert "name_address_city" not in {namespace for namespace, _ in found}  # there is no state
    uploaded = {"first_name": "ada", "last_name": "oneil", "address": "9elmst", "postal": "10001"}
    hashes = {field: sha256_hex(value) for field, value in uploaded.items()}
    assert ("name_address_postal", combined(hashes, COMBINATIONS["name_address_postal"])) in found


@given(st.text(max_size=40), st.sampled_from(["US", "GB", "DE", "CA", "XX"]))
def test_nothing_makes_the_normaliser_fail(text: str, country: str) -> None:
    assert all((*email_forms(text), *phone_forms(text, country), *address_forms(text, country)))
    assert all((*postal_forms(text, country), *state_forms(text, country)))
    assert not is_sha256(name(text)) or len(text) >= 64
