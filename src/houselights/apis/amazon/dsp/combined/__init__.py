"""Combined audiences: a targeting expression saved under a name and an id."""
