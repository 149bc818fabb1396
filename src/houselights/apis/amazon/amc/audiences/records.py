"""Records as they come in, by the thousand, and as the house takes them. Pure.

Faults of shape are refused with the whole request, before this. What is wrong with one record's content (no hash, a
country that is not matched, no consent) is found here, and told of that record alone when the job is done.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypedDict

import msgspec

from houselights.apis.amazon import wording
from houselights.apis.amazon.amc.audiences.countries import CONSENT, MATCHED, UNKNOWN, country_code
from houselights.apis.amazon.consent import gpp_denies, tcf_denies
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.wire import EXTERNAL_ID
from houselights.services.intake.payload import Hashed, MemberRecord

HASH_DIGITS, HASH_BYTES = 64, 32
PLAIN_HEX = b"0123456789abcdef"
NOT_IN_IDS = re.compile(r"[^0-9a-zA-Z_-]")
OURS = {"firstname": "first_name", "lastname": "last_name"}  # the other fields have the same name in the house
Signal = Literal["DENIED", "GRANTED", "NOT_APPLICABLE", "UNKNOWN"]


class HashedPerson(TypedDict, total=False):
    """One person's hashes; what is missing or empty is not known. A dict, as the house keeps it, is made only once."""

    email: str | None
    phone: str | None
    firstname: str | None
    lastname: str | None
    address: str | None
    city: str | None
    state: str | None
    postal: str | None


class Signals(msgspec.Struct, frozen=True, rename="camel"):
    """The vendor's own form of consent."""

    amzn_ad_storage: Signal | None = None
    amzn_user_data: Signal | None = None


class Consent(msgspec.Struct, frozen=True):
    """Consent in one of three forms, or in several: then each has to agree."""

    amzn: Signals | None = None
    tcf: str | None = None
    gpp: str | None = None


class Geo(msgspec.Struct, frozen=True, rename="camel"):
    """Where a record was collected. The IP address is not even read."""

    country_code: str | None = None


class UserConsent(msgspec.Struct, frozen=True):
    """What a person agreed to, and where."""

    geo: Geo | None = None
    consent: Consent | None = None


class Record(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One change of one audience."""

    # the pattern is held in one pass over all ids (`members_of`), which takes a tenth of the time
    external_user_id: Annotated[
        str, msgspec.Meta(min_length=1, max_length=128, extra_json_schema={"pattern": EXTERNAL_ID})
    ]
    action: Literal["CREATE", "DELETE"]
    hashed_pii: Annotated[list[HashedPerson], msgspec.Meta(min_length=1, max_length=100)] = msgspec.field(
        name="hashedPII"
    )
    country_code: str | None = None
    user_consent: UserConsent | None = None
    measurements: dict[str, Any] | None = None


class RecordTarget(msgspec.Struct, frozen=True, rename="camel"):
    """Where records go. A blank connection is the default one."""

    connection_id: str | None = None
    target_types: Annotated[list[Literal["DSP"]], msgspec.Meta(max_length=1)] | None = None


class UploadAsked(msgspec.Struct, frozen=True, rename="camel"):
    """Body of an upload."""

    audience_id: int | str
    records: Annotated[list[Record], msgspec.Meta(min_length=1)]
    target_resource: RecordTarget | None = None


def members_of(
    records: Sequence[Record], audience_id: int, country: str | None, *, consent_required: bool
) -> tuple[MemberRecord, ...]:
    """Return records as the house takes them; `country` is the audience's, for records that name none.

    What is wrong with one stands in its `fault`. A removal needs neither country nor consent. Raises Rejected for an
    id that is none.
    """
    _check_ids(records)
    plain = _all_plain(records)
    return tuple(_member_of(one, audience_id, country, plain, consent_required) for one in records)


def _check_ids(records: Sequence[Record]) -> None:
    if NOT_IN_IDS.search("".join([record.external_user_id for record in records])) is None:
        return
    for position, record in enumerate(records):
        if NOT_IN_IDS.search(record.external_user_id):
            why = f"expected {wording.of_pattern(EXTERNAL_ID)}, found {wording.found(record.external_user_id)}"
            raise Rejected([Detail(Kind.INVALID, why, f"records[{position}].externalUserId")])


def _all_plain(records: Sequence[Record]) -> bool:
    """Tell whether every value is a hash in lower case, in one pass over all text: a body has up to 48,000 of them."""
    values = [value for record in records for person in record.hashed_pii for value in person.values()]
    if None in values or any(len(value) != HASH_DIGITS for value in values):  # type: ignore[arg-type]
        return False
    return not "".join(values).encode(errors="replace").translate(None, PLAIN_HEX)  # type: ignore[arg-type]


def _member_of(
    record: Record, audience_id: int, country: str | None, plain: bool, consent_required: bool
) -> MemberRecord:
    hashed, fault = _renamed(record.hashed_pii) if plain else _hashed(record.hashed_pii)
    adding = record.action == "CREATE"
    try:
        here = _country(record) or country
    except ValueError as error:
        here, fault = None, f"countryCode: {error}" if adding else fault
    denied = False
    if adding and fault is None:
        fault = _country_fault(here)
        consent = None if record.user_consent is None else record.user_consent.consent
        if consent is not None:
            try:
                denied = _denied(consent)
            except ValueError as error:
                fault = fault or f"userConsent: {error}"
        if consent_required and not denied and here in CONSENT and not _granted(consent):
            fault = fault or f"userConsent: a record from {here} needs consent, as tcf, gpp or amzn"
    # by place: names would take a third of the time of it all
    return MemberRecord(
        audience_id, record.action, record.external_user_id, hashed, None, here, denied, fault
    )  # fmt: skip


def _renamed(persons: Sequence[HashedPerson]) -> tuple[tuple[Hashed, ...], str | None]:
    """Return the hashes of each person, all of them hashes, under the names of the house."""
    found: list[Hashed] = []
    for person in persons:
        hashes: dict[str, Any] = person  # type: ignore[assignment]
        if "firstname" in person or "lastname" in person:
            hashes = {OURS.get(name, name): value for name, value in person.items()}
        if hashes:
            found.append(hashes)
    return tuple(found), None if found else "hashedPII is empty"


def _hashed(persons: Sequence[HashedPerson]) -> tuple[tuple[Hashed, ...], str | None]:
    """Return the hashes of each person, and what is wrong with the first that is none."""
    found, fault, given = [], None, False
    for position, person in enumerate(persons):
        hashes: Hashed = {}
        for name, value in person.items():
            if not isinstance(value, str) or not value:
                continue
            given = True
            if _is_hash(value):
                hashes[OURS.get(name, name)] = value.lower()
            elif fault is None:
                fault = f"hashedPII[{position}].{name} is not a SHA-256 hash in {HASH_DIGITS} hexadecimal digits"
        if hashes:
            found.append(hashes)
    return tuple(found), fault or (None if given else "hashedPII is empty")


def _is_hash(value: str) -> bool:
    """Tell whether a text is a hash in hexadecimal of either case; four times as fast as a pattern."""
    try:  # `fromhex` skips white space, which leaves fewer bytes
        return len(value) == HASH_DIGITS and len(bytes.fromhex(value)) == HASH_BYTES
    except ValueError:
        return False


def _country(record: Record) -> str | None:
    """Return the country that the record names: its own, or that of the consent. Raises ValueError."""
    geo = None if record.user_consent is None else record.user_consent.geo
    sent = record.country_code or (None if geo is None else geo.country_code)
    return country_code(sent) if sent else None


def _country_fault(country: str | None) -> str | None:
    if country in (None, UNKNOWN) or country in MATCHED:
        return None
    return f"records from {country} are not matched; countryCode is one of {', '.join(sorted(MATCHED))}"


def _denied(consent: Consent) -> bool:
    """Tell whether any form of consent withholds it. Raises ValueError for a string that cannot be read."""
    signals, tcf, gpp = consent.amzn, (consent.tcf or "").strip(), (consent.gpp or "").strip()
    return (
        (signals is not None and "DENIED" in (signals.amzn_ad_storage, signals.amzn_user_data))
        or (tcf != "" and tcf_denies(tcf))
        or (gpp != "" and gpp_denies(gpp))
    )


def _granted(consent: Consent | None) -> bool:
    """Tell whether consent that was not denied was given. Storage that nothing is said of counts as agreed to."""
    if consent is None:
        return False
    if (consent.tcf or "").strip() or (consent.gpp or "").strip():
        return True
    signals = consent.amzn
    return signals is not None and signals.amzn_user_data == "GRANTED" and signals.amzn_ad_storage in (None, "GRANTED")
