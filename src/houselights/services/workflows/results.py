"""Files of results: written whole or not at all, found by a link that ends, deleted when they are old.

A link is a secret of the client it was made for: it names the execution and the client, is signed, and opens nothing
once the client is turned away. It needs no further credentials, as files are often fetched by other programs.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from houselights.base.errors import InvalidInput, NotFound
from houselights.base.paging import PageTokens
from houselights.model.workflow import Execution, ExecutionState
from houselights.services.workflows.question import Asked
from houselights.storage.control.control import Control

RESULT, METADATA = "result", "metadata"
ENDINGS: Mapping[str, str] = {RESULT: ".csv", METADATA: "-metadata.json"}
PURPOSE = "file of results"  # what a link's signature is good for


class Rows(Protocol):
    """A result that can be written; `cleanroom.run.Result` is one."""

    def write_csv(self, target: IO[str], *, separator: str, quote: str, escape: str | None) -> int: ...


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file that somebody may have."""

    path: Path
    execution: Execution
    kind: str


class Results:
    """The files of results of one house, a folder for each workspace."""

    def __init__(self, folder: Path, control: Control, links: PageTokens, link_seconds: int):
        self._folder = folder
        self._control = control
        self._links = links
        self._link_seconds = link_seconds

    def write(self, execution: Execution, asked: Asked, rows: Rows, about: Mapping[str, Any]) -> int:
        """Write both files of an execution; return how many rows there were."""
        self._path(execution, RESULT).parent.mkdir(parents=True, exist_ok=True)
        with _whole(self._path(execution, RESULT)) as file:
            count = rows.write_csv(file, separator=asked.separator, quote=asked.quote, escape=asked.escape)
        with _whole(self._path(execution, METADATA)) as file:
            json.dump({**about, "rows": count}, file, indent=1)
        return count

    def delete(self, execution: Execution) -> None:
        """Delete the files of an execution; those that are gone already are no fault."""
        for kind in ENDINGS:
            self._path(execution, kind).unlink(missing_ok=True)

    def link(self, execution: Execution, kind: str) -> str:
        """Return a token that opens one file for a while."""
        payload = {"w": execution.workspace_id, "c": execution.client_id, "e": execution.id, "k": kind}
        return self._links.issue(payload, self._link_seconds, fingerprint=PURPOSE)

    def open(self, token: str) -> ResultFile:
        """Return the file that a token opens. Raises InvalidInput for a token that is forged or has ended, NotFound
        for a file that was deleted, and for a client that was turned away.
        """
        try:
            content = self._links.read(token, fingerprint=PURPOSE, field="link")
        except InvalidInput as error:
            raise InvalidInput(f"{error.message}; ask for another", field=None) from error
        execution = self._control.executions.get(content["w"], content["e"])
        path = self._path(execution, content["k"])
        if execution.client_id != content["c"] or self._is_turned_away(execution):
            raise NotFound("this link opens nothing any more")
        if execution.state is not ExecutionState.SUCCEEDED or not execution.outcome or not path.exists():
            raise NotFound("the file was deleted", hint="execute the query again")
        return ResultFile(path, execution, content["k"])

    def _is_turned_away(self, execution: Execution) -> bool:
        return execution.client_id is not None and self._control.clients.get(execution.client_id).disabled

    def _path(self, execution: Execution, kind: str) -> Path:
        return self._folder / str(execution.workspace_id) / f"{execution.id}{ENDINGS[kind]}"


class _whole:  # noqa: N801 - used as a function
    """A text file that appears under its name when it is complete."""

    def __init__(self, path: Path):
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")

    def __enter__(self) -> IO[str]:
        self._file = self._draft.open("w", encoding="utf-8", newline="")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._file.close()
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink()
