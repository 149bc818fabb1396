"""Our accounts as this vendor's Marketing Cloud accounts, instances and advertisers. Pure."""

from datetime import UTC, datetime

from houselights.apis.amazon.amc.accounts.schemas import AmcAccountTold, InstanceAdvertiserTold, InstanceTold
from houselights.apis.amazon.amc.places import entity_id, instance_id, marketplace_of
from houselights.model.workspace import Account


def account_told(account: Account) -> AmcAccountTold:
    """Write an account."""
    return AmcAccountTold(
        account_id=entity_id(account), account_name=account.name, marketplace_id=marketplace_of(account)
    )


def instance_told(instance: Account, account: Account, *, base_url: str, since: datetime) -> InstanceTold:
    """Write an instance of an account; it is as old as the workspace."""
    name = instance_id(instance)
    return InstanceTold(
        instance_id=name,
        instance_name=instance.name,
        api_endpoint=f"{base_url}/amc/reporting/{name}",
        creation_datetime=since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        entities=[entity_id(account)],
        advertiser_types=["DISPLAY"],
        customer_canonical_name=account.name,
    )


def advertiser_told(advertiser: Account) -> InstanceAdvertiserTold:
    """Write an advertiser of an instance."""
    return InstanceAdvertiserTold(id=str(advertiser.id), name=advertiser.name)
