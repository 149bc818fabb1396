"""The token endpoint of the identity service."""
