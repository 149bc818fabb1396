"""Shapes of accounts, instances and their advertisers. Every id is a string here."""

from houselights.apis.amazon.wire import Told


class AmcAccountTold(Told):
    """One account; `accountId` is the entity id that the headers of other operations take."""

    account_id: str
    account_name: str
    marketplace_id: str | None = None


class AmcAccountsTold(Told):
    """Reply of /amc/accounts."""

    amc_accounts: list[AmcAccountTold]
    next_token: str | None = None


class InstanceTold(Told):
    """One instance. Nothing here is kept in anybody's object store: its fields are there, and empty."""

    instance_id: str
    instance_name: str
    api_endpoint: str
    aws_account_id: str = ""
    data_upload_aws_account_id: str = ""
    s3_bucket_name: str = ""
    creation_datetime: str
    creation_status: str = "COMPLETED"
    entities: list[str]
    advertiser_types: list[str]
    customer_canonical_name: str


class InstancesTold(Told):
    """Reply of /amc/instances."""

    instances: list[InstanceTold]
    next_token: str | None = None


class InstanceAdvertiserTold(Told):
    """One advertiser of an instance. DSP advertisers have no marketplace of their own in this list."""

    id: str
    name: str
    type: str = "DISPLAY"


class InstanceAdvertisersTold(Told):
    """Reply of /amc/instances/{instanceId}/advertisers; `totalCount` counts every page."""

    advertisers: list[InstanceAdvertiserTold]
    total_count: int
    next_token: str | None = None
