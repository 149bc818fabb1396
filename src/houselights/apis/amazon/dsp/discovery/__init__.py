"""Audience discovery: listing audiences and walking their taxonomy. Reads only."""
