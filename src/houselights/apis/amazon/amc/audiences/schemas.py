"""Shapes of advertiser audiences and jobs. Ids of audiences and advertisers are bare 64-bit numbers here."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt, StrictStr

from houselights.apis.amazon.amc.audiences.countries import country_code
from houselights.apis.amazon.wire import Asked, IdText, Text, Told, Whole, no_truth

TTL_MOST = 34_300_800  # seconds: 397 days, thirteen months; also what holds when nothing is said
Currency = Literal["AED", "AUD", "CAD", "CNY", "EUR", "GBP", "INR", "JPY", "MXN", "SAR", "SEK", "TRY", "USD"]
Number = StrictInt | StrictStr
Ttl = Annotated[Whole, Field(ge=0, le=TTL_MOST)]
Name = Annotated[Text, Field(min_length=10, max_length=128)]
Description = Annotated[Text, Field(max_length=1000)]
Country = Annotated[str, AfterValidator(country_code)]


class Fee(Asked):
    """What is asked for a thousand impressions. Kept and given back; nothing is sold here."""

    cpm_cents: Annotated[int | float, BeforeValidator(no_truth), Field(ge=0, allow_inf_nan=False)]
    currency: Currency


Fees = Annotated[list[Fee], Field(min_length=1, max_length=13)]


class TargetAsked(Asked):
    """Where an audience goes: through a connection, or to a DSP advertiser alone."""

    connection_id: IdText | None = None
    advertiser_id: Number | None = None


class MetadataAsked(Asked):
    """The rest of a new audience. `ttl` is how many seconds a record stays."""

    external_audience_id: Annotated[Text, Field(min_length=1, max_length=1000)]
    ttl: Ttl = TTL_MOST
    audience_fees: Fees | None = None


class CreateAsked(Asked):
    """Body of a creation: one audience."""

    name: Name
    description: Description
    target_resource: TargetAsked
    country_code: Country | None = None
    metadata: MetadataAsked


class MetadataChange(Asked):
    """What can change, and what is here to be refused when it would."""

    ttl: Ttl | None = None
    audience_fees: Fees | None = None
    external_audience_id: str | None = None


class UpdateAsked(Asked):
    """Body of an update; what is not given stays."""

    description: Description | None = None
    metadata: MetadataChange | None = None
    name: str | None = None


class CreateTold(Told):
    """Reply of a creation."""

    audience_id: int
    external_audience_id: str


class SizeTold(Told):
    """How large an audience is. Of too few records nothing is said of how many matched."""

    received_record_size: int
    id_resolution_count: int | None = None
    dsp_audience_size: int | None = None


class FeeTold(Told):
    """A fee as it was given."""

    cpm_cents: int | float
    currency: str


class MetadataTold(Told):
    """The rest of an audience; its size only where it is read."""

    external_audience_id: str
    ttl: int
    audience_fees: list[FeeTold] | None = None
    audience_size: SizeTold | None = None


class AudienceTold(Told):
    """One audience. `advertiserId` is missing from one that goes to a clean room alone; the country from updates."""

    audience_id: int
    advertiser_id: int | None = None
    name: str
    description: str
    country_code: str | None = None
    metadata: MetadataTold


class JobTold(Told):
    """Reply of an upload."""

    job_request_id: str


class InvalidRecordTold(Told):
    """A record that was left out, or a target that was not reached, and why."""

    audience_id: str | None = None
    external_id: str | None = None
    error: str


class SuccessTold(Told):
    """How many in a hundred of the records had no error."""

    records_processed_rate: float


class StatusTold(Told):
    """What became of an upload. COMPLETED is in the specification and never said here."""

    job_request_id: str
    job_state: Literal["PENDING", "SUCCEEDED", "PARTIALLYSUCCEEDED", "FAILED", "COMPLETED"]
    successful: SuccessTold | None = None
    invalid_records: list[InvalidRecordTold]
    audience_size: SizeTold | None = None
