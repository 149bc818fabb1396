"""How text and names are written: quotes, escapes, backquotes."""

import re

_NAME = re.compile(r"[^\W\d]\w*")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """Write text in double quotes."""
    return '"' + _ESCAPED.sub(lambda match: _SHORT.get(match.group()) or f"\\u{ord(match.group()):04x}", text) + '"'


def is_name(name: str) -> bool:
    """Say whether a name can be written as it is."""
    return _NAME.fullmatch(name) is not None


def can_be_written(name: str) -> bool:
    """Say whether a name can be written at all, if need be between backquotes."""
    return bool(name) and "`" not in name and "\n" not in name and name.isprintable()


def name_of(name: str) -> str:
    """Write a name where no keyword can stand."""
    return name if is_name(name) else f"`{name}`"
