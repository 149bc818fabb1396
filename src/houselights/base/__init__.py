"""Things every layer needs and none owns: time, ids, errors, settings, page tokens. Knows nothing of audiences."""
