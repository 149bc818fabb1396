"""Our accounts as this vendor's profiles and advertisers. Pure."""

from houselights.apis.amazon.accounts.schemas import AccountInfo, AdvertiserTold, ProfileTold
from houselights.model.workspace import Account

# The vendor's marketplace of each country; a published list.
MARKETPLACES = {
    "AE": "A2VIGQ35RCS4UG",
    "AU": "A39IBJ37TRP1C6",
    "BE": "AMEN7PMS3EDWL",
    "BR": "A2Q3Y263D00KWC",
    "CA": "A2EUQ1WTGCTBG2",
    "DE": "A1PA6795UKMFR9",
    "EG": "ARBP9OOSHTCHU",
    "ES": "A1RKKUPIHCS9HS",
    "FR": "A13V1IB3VIYZZH",
    "GB": "A1F83G8C2ARO7P",
    "IE": "A28R8C7NBKEWEA",
    "IN": "A21TJRUUN4KGV",
    "IT": "APJ6JRA9NG5V4",
    "JP": "A1VC38T7YXB528",
    "MX": "A1AM78C64UM0Y8",
    "NL": "A1805IZSGTT6HS",
    "PL": "A1C3SOZRARQ6R3",
    "SA": "A17E79C6D8DWNP",
    "SE": "A2NODRKZP88ZB9",
    "SG": "A19VAU5U5O7RUS",
    "TR": "A33AVAJ2PDY3EV",
    "US": "ATVPDKIKX0DER",
    "ZA": "AE08WJ6YKNBMC",
}
# Profiles write the United Kingdom as UK, unlike every other product of the vendor.
PROFILE_COUNTRIES = {"GB": "UK"}


def profile_told(account: Account) -> ProfileTold:
    """Write a profile. A global account has no country; an account without an entity id shows its own."""
    country = account.country
    return ProfileTold(
        profile_id=account.id,
        country_code=None if country is None else PROFILE_COUNTRIES.get(country, country),
        currency_code=account.currency,
        timezone=account.timezone,
        account_info=AccountInfo(
            marketplace_string_id=None if country is None else MARKETPLACES.get(country),
            id=account.external_id or f"ENTITY{account.id}",
            type=account.kind,
            name=account.name,
            valid_payment_method=True,
        ),
    )


def advertiser_told(account: Account) -> AdvertiserTold:
    """Write an advertiser."""
    return AdvertiserTold(
        advertiser_id=str(account.id),
        name=account.name,
        currency=account.currency,
        url=account.url,
        country=account.country,
        timezone=account.timezone,
    )
