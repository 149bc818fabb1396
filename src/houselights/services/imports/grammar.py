"""Reads POPULATION.yaml into plain data and checks its shape; refuses unknown words, doubled keys and wrong types.

Times stay text and only `true`/`false` are booleans: YAML 1.1 would turn `no` (Norway) into False, and dates into
objects before we could say where they went wrong.
"""

import json
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean

SCHEMA_FILE = Path(__file__).with_name("population.schema.json")

_KINDS: Mapping[str, str] = {
    "string": "text", "object": "a mapping", "array": "a list", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip


class _Loader(yaml.SafeLoader):
    """YAML's safe loader without its guesses at times and yes/no words, and with all keys of mappings as text.

    In Python the keys 1, 1.0 and True are one; in a value map they are three different cells.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build a mapping whose keys are what is written."""
        self.flatten_mapping(node)
        return {str(key.value): self.construct_object(value, deep=deep) for key, value in node.value}


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":timestamp", ":bool"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


@dataclass(frozen=True, slots=True)
class Document:
    """The YAML as plain data, and the line on which each path stands."""

    file: Path
    data: Mapping[str, Any]
    lines: Mapping[str, int]

    def error(self, where: str, problem: str, hint: str | None = None) -> InvalidInput:
        """Return an error that names the file, the line and the path inside it."""
        line = self._line(where)
        place = f"{self.file.name}, line {line}: {where}" if where else f"{self.file.name}, line {line}"
        return InvalidInput(f"{place}: {problem}", field=where or None, hint=hint)

    def _line(self, where: str) -> int:
        while where and where not in self.lines:
            where = where[: max(where.rfind("."), where.rfind("["), 0)]
        return self.lines.get(where, 1)


def read_document(file: Path) -> Document:
    """Read a population file and check it against the schema.

    Raises InvalidInput naming file, line and path when it cannot be read, is not YAML or breaks the schema.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: cannot be read: {error}", field="population") from error
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        lines = dict(_lines(node, "", file)) if node is not None else {}
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidInput(f"{file.name}, line {line}: {error.problem or 'is not YAML'}", field="population") from error
    finally:
        loader.dispose()
    document = Document(file, data if isinstance(data, dict) else {}, lines)
    if not isinstance(data, dict):
        raise document.error("", "a population file is a mapping: version, workspace, people, …")
    # A misspelt word also makes the right one missing; the misspelling is what helps.
    problems = sorted(_validator().iter_errors(data), key=lambda error: error.validator == "required")
    if problems:
        raise _explain(document, problems[0])
    return document


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text()))


def _lines(node: yaml.Node, where: str, file: Path) -> Iterator[tuple[str, int]]:
    yield where, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                line = key.start_mark.line + 1
                raise InvalidInput(f'{file.name}, line {line}: "{name}" is there twice', field=_join(where, name))
            seen.add(name)
            yield from ((path, key.start_mark.line + 1 if path == _join(where, name) else line)
                        for path, line in _lines(value, _join(where, name), file))  # fmt: skip
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, f"{where}[{position}]", file)


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _path(error: ValidationError) -> str:
    where = ""
    for part in error.absolute_path:
        where = f"{where}[{part}]" if isinstance(part, int) else _join(where, str(part))
    return where


def _explain(document: Document, error: ValidationError) -> InvalidInput:
    error = _nearest(error)
    where = _path(error)
    wanted: Any = error.validator_value
    instance: Any = error.instance
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    match error.validator:
        case "additionalProperties":
            known = schema.get("properties", {})
            patterns = schema.get("patternProperties", {})
            name = next(
                str(key) for key in instance if key not in known and not any(re.search(p, str(key)) for p in patterns)
            )
            hint = did_you_mean(name, known) or f"known here: {', '.join(sorted(known))}"
            return document.error(_join(where, name), f'unknown word "{name}"', hint)
        case "required":
            missing = next(name for name in wanted if name not in instance)
            return document.error(where, f'"{missing}" is missing')
        case "enum":
            words = [str(word) for word in wanted]
            hint = did_you_mean(str(error.instance), words) or f"one of: {', '.join(words)}"
            return document.error(where, f'"{error.instance}" is not possible here', hint)
        case "const":
            return document.error(where, f"must be {json.dumps(wanted)}")
        case "type":
            return document.error(where, f"must be {_kinds(wanted)}, not {_kind(error.instance)}")
        case "anyOf":
            kinds = {kind for branch in error.context or () for kind in _types_wanted(branch)}
            return document.error(where, f"must be {_kinds(sorted(kinds))}, not {_kind(error.instance)}")
        case "pattern":
            return document.error(where, f'"{error.instance}" does not fit: {_meaning(error)}')
        case "minItems" | "minProperties" | "minLength":
            return document.error(where, "must not be empty" if wanted == 1 else error.message)
        case _:
            return document.error(where, error.message)


def _nearest(error: ValidationError) -> ValidationError:
    """Descend from "fits none of these forms" to what is wrong with the form that was meant: the one of that type."""
    while error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        meant = [inner for inner in branches.values() if not any(e.validator == "type" and not e.path for e in inner)]
        if not meant:
            return error
        # Of several forms of that type, the one that got furthest: a known word with a bad value beats unknown words.
        error = max(
            (max(inner, key=lambda e: len(e.path)) for inner in meant), key=lambda e: (len(e.path), _known_words(e))
        )
    return error


def _known_words(error: ValidationError) -> int:
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    return sum(1 for name in error.instance if name in known) if isinstance(error.instance, dict) else 0


def _types_wanted(error: ValidationError) -> list[str]:
    if error.validator != "type":
        return []
    wanted: Any = error.validator_value
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _meaning(error: ValidationError) -> str:
    schema = error.schema if isinstance(error.schema, dict) else {}
    return str(schema.get("description") or f"it must match {error.validator_value}")


def _kinds(wanted: str | list[str]) -> str:
    words = [wanted] if isinstance(wanted, str) else wanted
    return " or ".join(_KINDS.get(word, word) for word in words)


def _kind(instance: object) -> str:
    match instance:
        case bool():
            return "true or false"
        case None:
            return "nothing"
        case str():
            return f'the text "{instance}"'
        case int() | float():
            return f"the number {instance}"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return type(instance).__name__
