"""The product as its users meet it, end to end."""
