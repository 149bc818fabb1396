"""Connections between instances and advertisers, and the terms that come before uploads."""
