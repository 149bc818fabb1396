"""Look-ups: what can be named in an audience, and what the caller has left."""
