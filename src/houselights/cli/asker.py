"""What most commands begin with: the data folder opened, the workspace found, and the question read from an argument.

Refuses, with what to do next, when there is no data.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from houselights.app import LANGUAGES, build_house
from houselights.base.errors import InvalidInput, NotFound
from houselights.base.settings import Settings
from houselights.base.suggest import did_you_mean
from houselights.model.workspace import Workspace
from houselights.rules.json_form import from_json, node_from_json
from houselights.rules.tree import InAudience, Rule
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.language import Language

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data folder. [default: $HOUSELIGHTS_DATA or houselights-data]"),
]
WorkspaceOption = Annotated[
    str | None, typer.Option("--workspace", help="The workspace to ask, when there are several.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, as the native API would.")]


@dataclass(frozen=True, slots=True)
class Asker:
    """An open house and the caller at the command line."""

    house: House
    caller: Caller

    def rule(self, text: str, language: str | None = None) -> Rule:
        """Read a rule: JSON, `@file.json`, an audience's id, or an audience's name; or text in a language.

        Raises InvalidInput, InvalidRule, NotFound.
        """
        text = text.strip()
        if language is not None:
            written = _content(Path(text[1:])) if text.startswith("@") else text
            return language_named(language).read(self.house, self.caller, written)
        if text.startswith("@"):
            text = _content(Path(text[1:])).strip()
        if text.startswith("{"):
            return rule_from_text(text)
        if text.isdigit():
            return InAudience(self.house.audiences.get(self.caller, int(text)).id)
        return InAudience(self.house.audiences.named(self.caller, text).id)


def language_named(name: str) -> Language:
    """Return a language by its name. Raises NotFound."""
    if name not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise NotFound(f'there is no language "{name}"', hint=did_you_mean(name, list(LANGUAGES)) or f"known: {known}")
    return LANGUAGES[name]


@contextmanager
def open_asker(data: Path | None, workspace: str | None) -> Iterator[Asker]:
    """Open the data folder. Raises NotFound when it holds no people, InvalidInput when the workspace is ambiguous."""
    house = open_settled(Settings.from_environment(data))
    try:
        yield Asker(house, Caller.local(_choose(house.control.workspaces.list(), workspace)))
    finally:
        house.control.close()


def open_settled(settings: Settings) -> House:
    """Open a house that somebody lives in. Raises NotFound when there is none, and makes none then."""
    file = settings.database_url.removeprefix("sqlite:///")
    if file == settings.database_url or Path(file).exists():
        house = build_house(settings)
        if house.control.workspaces.list():
            return house
        house.control.close()
    raise NotFound(
        f"there is no data in {settings.data}",
        hint="try `houselights demo`, or `houselights import POPULATION.yaml` for your own people",
    )


def rule_from_text(text: str) -> Rule:
    """Read a rule from JSON: a versioned document, or one bare node. Raises InvalidInput, InvalidRule."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"the rule is not JSON: {error}", field="rule") from error
    if isinstance(document, dict) and "version" in document:
        return from_json(document)
    return node_from_json(document)


def _choose(workspaces: list[Workspace], name: str | None) -> Workspace:
    names = [workspace.name for workspace in workspaces]
    if name is None:
        if len(workspaces) > 1:
            raise InvalidInput("there are several workspaces", hint=f"choose with --workspace: {', '.join(names)}")
        return workspaces[0]
    for workspace in workspaces:
        if workspace.name == name:
            return workspace
    raise NotFound(f'no workspace "{name}"', hint=did_you_mean(name, names))


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", field="rule") from error
