"""The rule tree: the one small language that every dialect is translated into. Knows no storage and no vendor."""
