"""Rule-based audiences: whoever a query chooses, chosen again every few days."""
