"""Who opted out of being addressed, as a rule over the profile. Decides nothing about any single audience.

A profile says so in one of these attributes, whichever its company keeps: a flag of its own, or one among its consents.
A profile that says nothing has not opted out.
"""

from houselights.rules.tree import Where
from houselights.rules.values import Call, Field, Input, Literal, Value

OPT_OUT_PATHS: tuple[tuple[str, ...], ...] = (
    ("optOut",),
    ("consents", "optOut"),
    ("optInOut", "globalOptout"),
)


def _is_true(path: tuple[str, ...]) -> Value:
    value: Value = Input(1)
    for step in path:
        value = Field(value, step)
    return Call("equal", (value, Literal(True)))


OPTED_OUT = Where(Call("or", tuple(_is_true(path) for path in OPT_OUT_PATHS)))
