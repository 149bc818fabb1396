"""Turns a misspelt name into a hint."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return `did you mean "x"?` (or "x" or "y") for the nearest known names, or None when nothing is near.

    A name that differs in case only is the nearest of all.
    """
    names = list(known)
    near = [each for each in names if each.casefold() == name.casefold()][:2]
    near = near or get_close_matches(name, names, n=2, cutoff=0.6)
    if not near:
        return None
    return "did you mean " + " or ".join(f'"{word}"' for word in near) + "?"
