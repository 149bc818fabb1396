"""People of a data provider: hashed records under its own ids, members of audiences, users to forget, and jobs."""
