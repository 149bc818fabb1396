"""Insights of audiences: begun, read beside a baseline, shared by a link, and audiences of their clusters."""
