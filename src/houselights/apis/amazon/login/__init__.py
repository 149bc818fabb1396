"""Login: the token endpoint and the consent redirect. Knows nothing of audiences."""
