"""Workflows: queries saved in an instance, with the parameters they take."""
