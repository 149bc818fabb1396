"""Persona Builder: five insights on one targeting expression. Keeps nothing."""
