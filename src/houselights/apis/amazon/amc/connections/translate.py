"""Connections as this vendor words them. Pure."""

from houselights.apis.amazon.amc.connections.schemas import ConnectionTold
from houselights.apis.amazon.amc.places import Places, entity_id, instance_id, marketplace_of
from houselights.model.connection import Connection
from houselights.model.workspace import Client

NORTH_AMERICA, EUROPE, FAR_EAST = "NA", "EU", "FE"
# The vendor's three regions, by which its hosts are named.
_IN_EUROPE = ("AE", "BE", "DE", "EG", "ES", "FR", "GB", "IE", "IN", "IT", "NL", "PL", "SA", "SE", "TR", "ZA")
REGIONS = {
    **dict.fromkeys(_IN_EUROPE, EUROPE),
    **dict.fromkeys(("AU", "JP", "SG"), FAR_EAST),
    **dict.fromkeys(("BR", "CA", "MX", "US"), NORTH_AMERICA),
}


def connection_told(connection: Connection, client: Client, places: Places) -> ConnectionTold:
    """Write a connection. A place that the client does not reach any more is left out."""
    instance = places.instance_at(connection.cleanroom_id)
    account = None if instance is None else places.account_of(instance)
    advertiser = places.advertiser_at(connection.advertiser_id)
    return ConnectionTold(
        connection_id=connection.id,
        client_id=client.client_id,
        customer_id=f"A{client.id:012d}",
        amc_account_id=None if account is None else entity_id(account),
        amc_account_name=None if account is None else account.name,
        amc_account_marketplace_id=None if account is None else marketplace_of(account),
        amc_instance_id=None if instance is None else instance_id(instance),
        amc_instance_name=None if instance is None else instance.name,
        dsp_advertiser_id=None if advertiser is None else str(advertiser.id),
        dsp_advertiser_name=None if advertiser is None else advertiser.name,
        dsp_advertiser_country_code=None if advertiser is None else advertiser.country,
        dsp_advertiser_marketplace_id=None if advertiser is None else marketplace_of(advertiser),
        dsp_advertiser_region=None if advertiser is None else REGIONS.get(advertiser.country or ""),
        dsp_profile_id=None if advertiser is None or advertiser.parent_id is None else str(advertiser.parent_id),
        is_default=connection.is_default,
        creation_date_time=connection.created_at,
        modified_date_time=connection.updated_at,
    )
