"""Data sources: the tables that the client's queries can name, and their columns."""
