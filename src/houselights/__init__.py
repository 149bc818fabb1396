"""Houselights, an open audience platform."""
