"""Shapes of provider audiences."""

import re
from typing import Annotated, Literal

import pycountry
from pydantic import AfterValidator, Field

from houselights.apis.amazon.wire import Asked, Text, Told, Whole

TTL_MOST = 34_300_800  # seconds: 397 days, thirteen months
INT64_MOST = (1 << 63) - 1
Currency = Literal["USD", "CAD", "JPY", "GBP", "EUR", "AUD", "AED", "SAR", "MXN", "INR", "SEK", "TRY", "BRL"]
# The specification says alphanumeric; its own samples have spaces and underscores.
_NAME = re.compile(r"[\w -]*")


def _named(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("a name has letters, digits, spaces, hyphens and underscores only")
    return text


def _country(code: str) -> str:
    if code.upper() != "UK" and pycountry.countries.get(alpha_2=code.upper()) is None:
        raise ValueError(f'"{code}" is no country code of ISO 3166-1 alpha-2')
    return code


Name = Annotated[Text, Field(min_length=10, max_length=128), AfterValidator(_named)]
Description = Annotated[Text, Field(max_length=1000)]
Ttl = Annotated[Whole, Field(ge=0, le=TTL_MOST)]
Countries = Annotated[list[Annotated[str, AfterValidator(_country)]], Field(min_length=1)]


class Fee(Asked):
    """What the provider asks for a thousand impressions. Kept and given back; nothing is sold here."""

    cpm_cents: Annotated[Whole, Field(ge=0)]
    currency: Currency


class MetadataAsked(Asked):
    """The rest of a new audience. `ttl` is how many seconds a record stays, 397 days unless it is said."""

    type: Literal["DATA_PROVIDER"]
    external_audience_id: Annotated[Text, Field(min_length=1, max_length=1000)]
    data_source_country: Countries
    ttl: Ttl | None = None
    audience_fees: list[Fee] | None = None


class CreateAsked(Asked):
    """Body of a creation."""

    name: Name
    description: Description
    advertiser_id: Annotated[Whole, Field(ge=0, le=INT64_MOST)]
    metadata: MetadataAsked


class MetadataChange(Asked):
    """What can change. The rest is refused below."""

    ttl: Ttl | None = None
    audience_fees: list[Fee] | None = None
    data_source_country: Countries | None = None
    external_audience_id: object = None


class UpdateAsked(Asked):
    """Body of an update; what is not given stays. `name` and the like are here to be refused by name."""

    description: Description | None = None
    metadata: MetadataChange | None = None
    name: object = None
    advertiser_id: object = None


class SizeTold(Told):
    """How many records were received, and how many of them matched somebody.

    The second and the rate are told only when enough records were received, and in steps (`services/privacy.py`).
    """

    received_record_size: int
    matched_record_size: int | None = None
    match_rate: Annotated[float, Field(ge=0, le=1)] | None = None


class FeeTold(Told):
    """One fee, as it was sent."""

    cpm_cents: int
    currency: str


class MetadataTold(Told):
    """The rest of an audience."""

    type: Literal["DATA_PROVIDER"] = "DATA_PROVIDER"
    external_audience_id: str
    ttl: int
    data_source_country: list[str]
    audience_fees: list[FeeTold] | None = None
    audience_size: SizeTold | None = None


class AudienceTold(Told):
    """One audience; both ids are numbers."""

    id: int
    name: str
    description: str
    advertiser_id: int
    metadata: MetadataTold


class AudienceReply(Told):
    """Reply of every operation here."""

    request_id: str
    audience: AudienceTold
