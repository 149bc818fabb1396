"""What a value may be, in words, out of the schema that holds it; and what was found in its place, shortened.

A validator's own message shows its regular expressions and type names to people who wrote a request. Here a fault is
said in terms of the request: `expected 1 to 128 letters, digits, "-" and "_", found "Ada Lovelace"`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from houselights.apis.amazon.wire import PATTERN_WORDS

Schema = Mapping[str, Any]
INT64_MOST = 2**63 - 1
FOUND_MOST = 60  # characters of a found value
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_NAMES = {
    "object": "an object", "array": "a list", "string": "a text", "boolean": "true or false", "null": "null",
    "integer": "a whole number", "number": "a number",
}  # fmt: skip


def expected(schema: Schema) -> str:
    """Say what a schema without references allows."""
    if "anyOf" in schema:
        choices = [each for each in schema["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(map(expected, choices)))
    if "enum" in schema:
        values = [json.dumps(each) for each in schema["enum"]]
        return values[0] if len(values) == 1 else f"one of {', '.join(values)}"
    if "pattern" in schema:
        return of_pattern(schema["pattern"])
    name = _NAMES.get(schema.get("type", ""), "another value")
    match schema.get("type"):
        case "string":
            return f"{name}{_between(schema, 'minLength', 'maxLength', 'character')}"
        case "array":
            return f"{name}{_between(schema, 'minItems', 'maxItems', 'item')}"
        case "integer" | "number":
            return name + _bounds(schema)
        case _:
            return name


def of_pattern(pattern: str) -> str:
    """Say what a pattern of this room allows."""
    return PATTERN_WORDS.get(pattern, "a text of another form")


def _between(schema: Schema, least_key: str, most_key: str, unit: str) -> str:
    least, most = schema.get(least_key), schema.get(most_key)
    if most is not None:
        return f" of {least or 0:,} to {most:,} {unit}s"
    return f" of at least {least} {unit}{'' if least == 1 else 's'}" if least else ""


def _bounds(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if (least, most) == (0, INT64_MOST):
        return " of 64 bits, not below 0"
    if least is not None and most is not None:
        return f" from {least:,} to {most:,}"
    return f" of at least {least:,}" if least is not None else f" of at most {most:,}" if most is not None else ""


def found(value: object) -> str:
    """Say what stands there instead, shortened; of lists and objects only how large they are."""
    if isinstance(value, list):
        return f"a list of {len(value):,} items" if len(value) != 1 else "a list of 1 item"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, str) and len(value) > FOUND_MOST:
        return f"{json.dumps(value[:FOUND_MOST], ensure_ascii=False)} and {len(value) - FOUND_MOST:,} characters more"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= FOUND_MOST else f"{text[:FOUND_MOST]}…"


def steps(path: str) -> list[str | int]:
    """Cut a path such as `records[3].externalId` into its steps; a key that nobody knows, `[...]`, ends it."""
    cut: list[str | int] = []
    for name, position in _STEP.findall(path):
        if position == "...":
            break
        cut.append(name or int(position))
    return cut


def at(schema: Schema, path: Sequence[str | int]) -> Schema | None:
    """Return the schema of what stands at a path, of several that could stand there the one that has it."""
    if not path:
        return schema
    step, rest = path[0], path[1:]
    for choice in schema.get("anyOf", (schema,)):
        inner = choice.get("items") if isinstance(step, int) else choice.get("properties", {}).get(step)
        held = None if inner is None else at(inner, rest)
        if held is not None:
            return held
    return None


def value_at(value: Any, path: Sequence[str | int]) -> object:
    """Return what stands at a path. Raises LookupError or TypeError for no such place."""
    for step in path:
        value = value[step]
    return value
