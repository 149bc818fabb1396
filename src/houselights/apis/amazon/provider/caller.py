"""What a data provider is in the words of the house: a client, whose ids and audiences are nobody else's."""

from houselights.services.caller import Caller


def namespace_of(caller: Caller) -> str:
    """Return the namespace of the client's own ids of people."""
    return f"external:{client_of(caller)}"


def origin_of(caller: Caller) -> str:
    """Return the origin of the client's audiences; another client's have another, even for the same advertiser."""
    return f"provider:{client_of(caller)}"


def client_of(caller: Caller) -> str:
    """Return the client's id."""
    if caller.client is None:
        raise RuntimeError("the door lets in clients only")
    return caller.client.client_id
