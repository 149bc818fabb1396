"""Several variables in one form, `exists E from A where P, I from B where Q`, as one inside another. Reads nothing."""

from collections.abc import Mapping, Sequence

from houselights.rules.values import Call, Literal, Value

# The words of the text form, and those of the older JSON form.
QUANTIFIERS: Mapping[str, str] = {"exists": "exists", "forall": "forall", "some": "exists", "all": "forall"}


def nested_in(function: str) -> str:
    """Return what is asked of the next variable: that all are such below "all", that there is one below the others."""
    return "forall" if function == "forall" else "exists"


def joined(parts: Sequence[Value]) -> Value:
    """Return conditions of one item as one; no conditions are always met."""
    if not parts:
        return Literal(True)
    return parts[0] if len(parts) == 1 else Call("and", tuple(parts))
