"""Data Provider: hashed records, provider audiences, who is in them, and forgetting people."""
