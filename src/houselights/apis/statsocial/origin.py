"""What builds of this room are called below it."""

ORIGIN = "statsocial"
INSIGHT = f"{ORIGIN}:insight"
UNIVERSE = f"{ORIGIN}:universe"
