"""Profiles in motion: what arrives is kept, put in its place, and asked about by the audiences it could matter to."""
