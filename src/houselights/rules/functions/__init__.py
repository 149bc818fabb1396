"""The function table: every function a `Call` may name, with its signature, its meaning in Python and its English."""

from collections.abc import Mapping

from houselights.rules.functions.comparing import COMPARING
from houselights.rules.functions.lists import LISTS
from houselights.rules.functions.table import Function
from houselights.rules.functions.texts import TEXTS
from houselights.rules.functions.times import TIMES

FUNCTIONS: Mapping[str, Function] = {**COMPARING, **TEXTS, **LISTS, **TIMES}

# What an aggregate is, for whoever counts them.
AGGREGATES = frozenset({"count", "sum", "average", "min", "max"})
