"""Answers SQL over audience tables without telling of anybody in them. Refuses what it does not understand."""
