"""The language's words beside ours: operators, methods, functions, reserved names.

Each word stands in one table, so that reading and writing cannot disagree. A method's receiver is the first argument.
"""

from collections.abc import Mapping

from houselights.rules.values import EVENTS, IDENTITIES, MEMBERSHIPS, Call, Literal, Which

INFIX: Mapping[str, str] = {
    "=": "equal", "!=": "not_equal", "<": "less", "<=": "at_most", ">": "greater", ">=": "at_least",
    "in": "in", "notIn": "not_in", "like": "like",
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder",
    "and": "and", "or": "or",
}  # fmt: skip

METHODS: Mapping[str, str] = {
    # text
    "startsWith": "starts_with", "doesNotStartWith": "not_starts_with",
    "endsWith": "ends_with", "doesNotEndWith": "not_ends_with",
    "contains": "has_text", "doesNotContain": "lacks_text",
    "equals": "same_text", "notEqualTo": "other_text",
    "matches": "finds", "regexGroup": "capture",
    # lists
    "intersects": "intersects", "intersection": "intersection", "subsetOf": "subset_of", "supersetOf": "superset_of",
    "includes": "includes", "distinct": "distinct", "groupBy": "group_by", "filter": "filter", "map": "map",
    "topN": "top", "bottomN": "bottom", "head": "first", "exists": "exists", "forall": "forall",
    "count": "count", "sum": "sum", "average": "average", "min": "min", "max": "max",
    # maps, and whatever may be missing
    "get": "get", "keys": "keys", "values": "values", "isNull": "is_missing", "isNotNull": "is_present",
    # times
    "getMonth": "month_of", "getYear": "year_of", "getDayOfMonth": "day_of_month",
}  # fmt: skip

# Written f(x, y). Those of the second paragraph come from the personalization editor's dialect of the same language.
CALLS: Mapping[str, str] = {
    "if": "if", "mapEntry": "entry",
    "dateDiff": "days_between", "dayOfWeek": "day_of_week", "dayOfYear": "day_of_year", "weekOfYear": "week_of_year",
    "setDays": "at_day", "setHours": "at_hour", "toUTC": "in_utc", "formatDate": "formatted",
    "truncateToStartOfWeek": "start_of_week", "truncateToStartOfQuarter": "start_of_quarter",
    "truncateToStartOfYear": "start_of_year",
}  # fmt: skip

# Written f(), or f(x) where a first argument comes before: functions of which the last argument is now.
OF_NOW: Mapping[str, str] = {
    "currentMonth": "month_of", "currentYear": "year_of", "currentDayOfMonth": "day_of_month",
    "currentTimeInMillis": "milliseconds", "age": "years_between",
}  # fmt: skip

# Days of the calendar as seen from now.
DAYS: Mapping[str, Which] = {"yesterday": Which.LAST, "today": Which.THIS, "tomorrow": Which.NEXT}

# Words that look like functions but are forms of their own, for hints.
FORMS = ("date", "timestamp", "inSegment", "chain", "not", "exists", "forall", "select", "let")

# Functions that take "case sensitive?" as a last argument, true when it is left out.
TAKE_CASE_FLAG = frozenset(
    {
        "starts_with",
        "not_starts_with",
        "ends_with",
        "not_ends_with",
        "has_text",
        "lacks_text",
        "same_text",
        "other_text",
    }
)

# What the platform keeps about a person, below the profile.
KEPT: Mapping[str, str] = {"xEvent": EVENTS, "identityMap": IDENTITIES, "segmentMembership": MEMBERSHIPS}
EVENT_ARRAY = "xEvent"

# Names that cannot begin a path or name a variable, unless they stand between backquotes; case is ignored.
RESERVED = frozenset(
    {
        "and", "or", "not", "in", "notin", "like", "occurs", "on", "between", "before", "after", "from", "where",
        "over", "exists", "forall", "select", "let", "true", "false", "null", "now", "today", "yesterday", "tomorrow",
    }
)  # fmt: skip

PLURALS: Mapping[str, str] = {"centuries": "century", "millennia": "millennium"}

# Functions of ours that share a word with another (`map` of a list or a map), or whose word is a form of its own.
SPECIAL_OF: Mapping[str, str] = {"not": "not", "map_entries": "map", "item": "get", "date_of": "date"}

CALL_OF: Mapping[str, str] = {ours: theirs for theirs, ours in CALLS.items()}
WORD_OF: Mapping[str, str] = {
    **{ours: theirs for words in (INFIX, METHODS, CALLS) for theirs, ours in words.items()},
    **SPECIAL_OF,
}
OF_NOW_OF: Mapping[str, str] = {ours: theirs for theirs, ours in OF_NOW.items()}
INFIX_OF: Mapping[str, str] = {ours: theirs for theirs, ours in INFIX.items()}
DAY_OF: Mapping[Which, str] = {which: word for word, which in DAYS.items()}
KEPT_OF: Mapping[str, str] = {ours: theirs for theirs, ours in KEPT.items()}


def case_flag(node: Call) -> bool | None:
    """Return the flag (case sensitive?) that a call is written with; None where it needs none.

    It needs one to ignore case, and where its last argument could be taken for one.
    """
    if node.function not in TAKE_CASE_FLAG:
        return None
    last = node.arguments[-1]
    could_be_flag = len(node.arguments) > 2 and isinstance(last, Literal) and last.kind == "bool"
    return not node.ignore_case if node.ignore_case or could_be_flag else None
