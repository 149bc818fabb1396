"""Of imports."""
