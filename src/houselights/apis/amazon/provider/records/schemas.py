"""Shapes of uploads, for msgspec: a body holds thousands of records. Replies are for pydantic, as everywhere."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from houselights.apis.amazon.provider.metadata.schemas import INT64_MOST
from houselights.apis.amazon.wire import DEVICE_ID, EXTERNAL_ID, QUOTED_ID, Instant, Told

ExternalId = Annotated[str, Meta(pattern=EXTERNAL_ID)]
Id = Annotated[int, Meta(ge=0, le=INT64_MOST)] | Annotated[str, Meta(pattern=QUOTED_ID)]
"""A 64-bit id: a number, or digits in quotes as some clients send it."""

IdKind = Literal["COOKIE", "MAID", "EXTERNAL_USER_ID"]
IdText = Annotated[str, Meta(pattern=DEVICE_ID)]


class HashedAsked(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One person's hashes, SHA-256 in lower-case hex. The field names are the payload's in camel case."""

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None


class RecordAsked(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The provider's own id, and those it stands for: one person, or many."""

    external_id: ExternalId
    hashed_records: list[HashedAsked]


class HashedUploadAsked(msgspec.Struct, frozen=True):
    """Body of `POST /dp/records/hashed`."""

    records: Annotated[list[RecordAsked], Meta(min_length=1)]


class AmazonConsent(msgspec.Struct, frozen=True, rename="camel"):
    """The vendor's own consent signal."""

    amazon_ad_storage: Literal["GRANTED", "DENIED"]
    amazon_user_data: Literal["GRANTED", "DENIED"]


class ConsentAsked(msgspec.Struct, frozen=True, rename="camel"):
    """What a person consented to; the field that `consentType` names is read."""

    consent_type: Literal["TCF", "GPP", "Amazon"]
    tcf: str | None = None
    gpp: str | None = None
    amazon_consent: AmazonConsent | None = None


class PatchAsked(msgspec.Struct, frozen=True, gc=False):
    """One person put into, or taken out of, some audiences. `path` is `/<kind>-<id>/audiences`."""

    op: Literal["add", "remove"]
    path: str
    value: Annotated[list[Id], Meta(min_length=1)]
    consent: ConsentAsked | None = None


class PatchesAsked(msgspec.Struct, frozen=True):
    """Body of `PATCH /v2/dp/audience`."""

    patches: Annotated[list[PatchAsked], Meta(min_length=1)]


class UserIdAsked(msgspec.Struct, frozen=True, gc=False):
    """One id of a person: its text stands under `value` in the specification, under `id` in the guide."""

    type: IdKind
    value: IdText | None = None
    id: IdText | None = None


class UserAsked(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One person to be forgotten: by one id in the specification, by a list of them in the guide."""

    user_id: UserIdAsked | Annotated[list[UserIdAsked], Meta(min_length=1)]
    advertiser_id: Id | None = None
    consent_time: Annotated[int, Meta(ge=0, le=INT64_MOST)] | None = None


class UsersAsked(msgspec.Struct, frozen=True):
    """Body of `PATCH /v2/dp/users`."""

    users: Annotated[list[UserAsked], Meta(min_length=1)]
    operation: Literal["DELETE"] = "DELETE"


class RequestTold(Told):
    """Reply to hashed records and to users: the id under which `GET /v2/dp/jobs/{jobId}` knows the work, too."""

    request_id: str


class PatchedTold(Told):
    """Reply to a patch."""

    job_id: str
    request_id: str


class InvalidTold(Told):
    """A record that was left out, and why."""

    audience_id: int | None = None
    external_id: str | None = None
    error: str


class JobTold(Told):
    """What became of an upload. Counts of records; how many matched is told of enough of them only, and in steps."""

    job_id: str
    job_type: Literal["HASHED_RECORDS", "AUDIENCE_PATCH", "USER_DELETION"]
    status: Literal["PENDING", "SUCCEEDED", "PARTIALLYSUCCEEDED", "FAILED"]
    received_at: Instant
    finished_at: Instant | None = None
    received_record_size: int
    processed_record_size: int | None = None
    matched_record_size: int | None = None
    invalid_records: list[InvalidTold] | None = None
    error: str | None = None


class JobReply(Told):
    """Reply of `GET /v2/dp/jobs/{jobId}`."""

    request_id: str
    job: JobTold
