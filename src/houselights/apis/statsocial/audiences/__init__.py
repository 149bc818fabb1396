"""Audiences: created from parameters, built off the request, read, renamed, built again, explained, deleted."""
