"""Shapes of connections and terms. Every id is a string here; a number is taken too."""

from houselights.apis.amazon.wire import Asked, IdText, Instant, Text, Told


class ConnectionAsked(Asked):
    """Body of a creation: an AMC instance with its account, a DSP advertiser, or both. An empty text is no id."""

    amc_account_id: IdText | None = None
    amc_account_marketplace_id: IdText | None = None
    amc_instance_id: IdText | None = None
    dsp_advertiser_id: IdText | None = None
    dsp_profile_id: IdText | None = None
    is_default: bool = False
    connection_id: Text | None = None


class ConnectionMade(Told):
    """Reply of a creation."""

    connection_id: str


class ConnectionTold(Told):
    """One connection, with the names of what it connects."""

    connection_id: str
    client_id: str
    customer_id: str
    amc_account_id: str | None = None
    amc_account_name: str | None = None
    amc_account_marketplace_id: str | None = None
    amc_instance_id: str | None = None
    amc_instance_name: str | None = None
    dsp_advertiser_id: str | None = None
    dsp_advertiser_name: str | None = None
    dsp_advertiser_country_code: str | None = None
    dsp_advertiser_marketplace_id: str | None = None
    dsp_advertiser_region: str | None = None
    dsp_profile_id: str | None = None
    is_default: bool
    creation_date_time: Instant
    modified_date_time: Instant


class ConnectionsTold(Told):
    """Reply of a listing, newest first."""

    connections: list[ConnectionTold]


class TermsTold(Told):
    """The terms, with the token that accepts them; once accepted, only that they are."""

    agreement_content: str | None = None
    agreement_token: str | None = None
    has_accepted: bool


class TermsAnswer(Asked):
    """Body of an answer to the terms; false takes an acceptance back."""

    agreement_token: str
    has_accepted: bool
