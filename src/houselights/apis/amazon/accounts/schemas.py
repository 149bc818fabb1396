"""Shapes of profiles and advertisers. Profile ids are JSON numbers, advertiser ids strings, as the vendor has them."""

from houselights.apis.amazon.wire import Told


class AccountInfo(Told):
    """Whose profile it is; `id` is the entity id."""

    marketplace_string_id: str | None = None
    id: str
    type: str
    name: str
    valid_payment_method: bool


class ProfileTold(Told):
    """One profile: what a Scope header names."""

    profile_id: int
    country_code: str | None = None
    currency_code: str
    timezone: str
    account_info: AccountInfo


class AdvertiserTold(Told):
    """One DSP advertiser: what `advertiserId` names."""

    advertiser_id: str
    name: str
    currency: str
    url: str
    country: str | None = None
    timezone: str


class AdvertisersTold(Told):
    """Reply of /dsp/advertisers; `totalResults` counts every page."""

    total_results: int
    response: list[AdvertiserTold]
