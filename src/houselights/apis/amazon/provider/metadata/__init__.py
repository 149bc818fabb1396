"""Audiences of a data provider: made empty, described, and told of with their sizes."""
