"""What builds of this room are called below it."""

ORIGIN = "statsocial"
