"""Outputs: the ids that partners know an audience's people by, as files that are written while they are fetched."""
