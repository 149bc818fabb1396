"""Users that a data provider wants forgotten."""
