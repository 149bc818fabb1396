"""Clears away copies that lie beside the data: rejected rows of imports, lists of ids, exports, results of queries.

A line of a reject file or of a list of ids with a name in it goes, the others stay. Results of queries with a name in
them are deleted. So are all exports of the workspace: they may hold rows of the person without a name, and can be made
again.
"""

import shutil
from pathlib import Path

from houselights.services.erasure.look import Findings, Search, look_into_file

REJECTS, EXPORTS, RESULTS, ID_LISTS = "rejects", "exports", "results", "id-lists"


def clear_leftovers(data: Path, workspace_id: int, search: Search) -> dict[str, int]:
    """Clear copies below the data folder; return how many files were changed or deleted, by folder."""
    cleared = {REJECTS: 0, EXPORTS: 0, RESULTS: 0, ID_LISTS: 0}
    for file in (data / REJECTS / f"workspace-{workspace_id}").rglob("*.csv"):
        lines = file.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not search.is_in(line, words=True)]
        if len(kept) < len(lines):
            file.write_bytes(b"".join(kept))
            cleared[REJECTS] += 1
    for file in (data / ID_LISTS / str(workspace_id)).glob("*.txt"):
        found = Findings()
        look_into_file(file, file.name, search, found)
        if found.traces:
            _without_lines(file, search)
            cleared[ID_LISTS] += 1
    exports = data / EXPORTS / str(workspace_id)
    cleared[EXPORTS] = sum(file.is_file() for file in exports.rglob("*"))
    shutil.rmtree(exports, ignore_errors=True)
    for file in (data / RESULTS).rglob("*"):
        found = Findings()
        if file.is_file():
            look_into_file(file, file.name, search, found)
        if found.traces:
            file.unlink(missing_ok=True)
            cleared[RESULTS] += 1
    return cleared


def _without_lines(file: Path, search: Search) -> None:
    """Write a file anew without the lines that hold a name. It may be large: one line is in memory at a time."""
    draft = file.with_name(f"{file.name}.draft")
    with file.open("rb") as lines, draft.open("wb") as kept:
        kept.writelines(line for line in lines if not search.is_in(line, words=True))
    draft.replace(file)
