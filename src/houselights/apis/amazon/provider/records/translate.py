"""Bodies of this product → uploads of the house, and what became of them → jobs. Pure.

Refuses a whole request for one malformed part, naming every such part; what is well formed and cannot be done (an
unknown audience, consent withheld or unreadable) is left out by the upload and told of by its job.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import astuple

from houselights.apis.amazon import consent
from houselights.apis.amazon.errors import DETAILS_MOST, Detail, Kind, Rejected
from houselights.apis.amazon.provider.metadata.schemas import INT64_MOST
from houselights.apis.amazon.provider.records.schemas import (
    ConsentAsked,
    HashedAsked,
    InvalidTold,
    JobTold,
    PatchAsked,
    RecordAsked,
)
from houselights.identity.namespaces import identities
from houselights.model.upload import UploadKind, UploadState, UploadStatus
from houselights.services.intake.payload import FIELDS, Hashed, IdentityRecord, MemberRecord

# Kinds of ids that are the same whoever sends them; external ids have a namespace for each client.
NAMESPACES: Mapping[str, str] = {"COOKIE": "cookie", "MAID": "maid"}
HASH_CHARACTERS = 64
_HEX = b"0123456789abcdef"
_PATH = re.compile(r"/(?P<kind>COOKIE|MAID|EXTERNAL_USER_ID)-(?P<id>[^\s\x00-\x1f]{1,512})/audiences/?")
_ACTIONS: Mapping[str, str] = {"add": "CREATE", "remove": "DELETE"}
_WORDS = dict(
    zip(FIELDS, ("email", "phone", "firstName", "lastName", "address", "city", "state", "postalCode"), strict=True)
)
_STATES = {
    UploadState.WAITING: "PENDING",
    UploadState.SUCCEEDED: "SUCCEEDED",
    UploadState.PARTIAL: "PARTIALLYSUCCEEDED",
    UploadState.FAILED: "FAILED",
}
_KINDS = {UploadKind.IDENTITIES: "HASHED_RECORDS", UploadKind.MEMBERS: "AUDIENCE_PATCH"}


def identities_of(records: Sequence[RecordAsked]) -> tuple[IdentityRecord, ...]:
    """Return what hashed records say of whom. Raises Rejected naming the external id and attributes of each bad one."""
    made = tuple(IdentityRecord(record.external_id, tuple(map(_hashed, record.hashed_records))) for record in records)
    if not _all_hashes(made):
        raise Rejected([fault for record in made if (fault := _fault(record)) is not None])
    return made


def _hashed(asked: HashedAsked) -> Hashed:
    """Return the hashes that are there; the two tuples have the same order."""
    values = astuple(asked)
    if None not in values:
        return dict(zip(FIELDS, values, strict=True))
    return {field: value for field, value in zip(FIELDS, values, strict=True) if value is not None}


def _all_hashes(records: Sequence[IdentityRecord]) -> bool:
    """Tell whether every value is a hash. One pass over all text together: a body has forty thousand of them."""
    values = [value for record in records for person in record.hashed for value in person.values()]
    text = "".join(values).encode(errors="replace")
    return all(len(value) == HASH_CHARACTERS for value in values) and not text.translate(None, _HEX)


def _fault(record: IdentityRecord) -> Detail | None:
    wrong = {
        _WORDS[field]: None
        for person in record.hashed
        for field, value in person.items()
        if len(value) != HASH_CHARACTERS or value.encode(errors="replace").translate(None, _HEX)
    }
    if not wrong:
        return None
    why = (
        f"Hashed records associated with [externalId:{record.external_id}] contains invalid hashed attributes "
        f"[{', '.join(wrong)}]. A hash is 64 lower-case hexadecimal digits."
    )
    return Detail(Kind.INVALID, why)


def changes_of(patches: Sequence[PatchAsked]) -> tuple[MemberRecord, ...]:
    """Return one change for each patch and audience; consent that cannot be read spoils its own patch only.

    Raises Rejected naming each malformed path and id.
    """
    faults: list[Detail] = []
    changes = [change for n, patch in enumerate(patches) for change in _changes(patch, f"patches[{n}]", faults)]
    if faults:
        raise Rejected(faults[:DETAILS_MOST])
    return tuple(changes)


def _changes(patch: PatchAsked, place: str, faults: list[Detail]) -> Iterator[MemberRecord]:
    path = _PATH.fullmatch(patch.path)
    if path is None:
        why = f'expected /<COOKIE, MAID or EXTERNAL_USER_ID>-<id>/audiences, found "{patch.path[:100]}"'
        faults.append(Detail(Kind.INVALID, why, f"{place}.path"))
        return
    denied, unread = False, None
    if patch.op == "add" and patch.consent is not None:  # nobody needs consent to leave
        try:
            denied = _denied(patch.consent)
        except ValueError as error:
            unread = f"consent: {error}"
    external_id, token = _named(path["kind"], path["id"])
    for position, audience in enumerate(dict.fromkeys(patch.value)):
        number = int(audience)
        if number > INT64_MOST:
            faults.append(Detail(Kind.INVALID, f"{audience} is no audience id", f"{place}.value[{position}]"))
            continue
        yield MemberRecord(
            audience_id=number,
            action="CREATE" if patch.op == "add" else "DELETE",
            external_id=external_id,
            token=token,
            consent_denied=denied,
            fault=unread,
        )


def _named(kind: str, value: str) -> tuple[str | None, tuple[str, str] | None]:
    """Return the external id or the token that an id of this kind is."""
    namespace = NAMESPACES.get(kind)
    if namespace is None:
        return value, None
    (stored,) = identities(namespace, value)
    return None, (namespace, stored)


def _denied(asked: ConsentAsked) -> bool:
    """Tell whether consent was withheld. Raises ValueError when the string or object is missing or none."""
    match asked.consent_type:
        case "TCF" if asked.tcf is not None:
            return consent.tcf_denies(asked.tcf)
        case "GPP" if asked.gpp is not None:
            return consent.gpp_denies(asked.gpp)
        case "Amazon" if asked.amazon_consent is not None:
            return "DENIED" in (asked.amazon_consent.amazon_ad_storage, asked.amazon_consent.amazon_user_data)
    raise ValueError(f"consentType is {asked.consent_type}, and there is no such consent")


def job_told(status: UploadStatus, matched: int | None) -> JobTold:
    """Write what became of an upload; `matched` is what the caller may know of how many records meant somebody."""
    finished = status.state is not UploadState.WAITING
    invalid = [
        InvalidTold(audience_id=one.audience_id, external_id=one.external_id, error=one.error) for one in status.invalid
    ]
    return JobTold.model_validate(
        {
            "jobId": status.id,
            "jobType": _KINDS[status.kind],
            "status": _STATES[status.state],
            "receivedAt": status.received_at,
            "finishedAt": status.finished_at,
            "receivedRecordSize": status.received,
            "processedRecordSize": status.processed if finished else None,
            "matchedRecordSize": matched if finished else None,
            "invalidRecords": invalid or None,
            "error": status.error,
        }
    )
