"""Advertiser audiences: their metadata, the records uploaded to them, and what became of an upload."""
