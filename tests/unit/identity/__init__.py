"""Of identity."""
