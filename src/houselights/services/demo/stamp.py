"""What a folder of the demo world was made from, so that a second run finds it and leaves it alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

STAMP = "world.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSummary:
    """What was written. `rows` counts rows by kind of file; `traits` counts catalogue entries by table."""

    folder: Path
    population: Path
    workspace: str
    people: int
    seed: int
    as_of: datetime
    rows: Mapping[str, int]
    traits: Mapping[str, int]
    bytes: int


def stamp(summary: WorldSummary) -> None:
    """Leave the stamp in the folder. It is written last: a folder without one is unfinished."""
    told = asdict(summary) | {"folder": "", "population": summary.population.name, "as_of": summary.as_of.isoformat()}
    (summary.folder / STAMP).write_text(json.dumps(told | {"recipe": recipe()}, indent=1) + "\n")


def stamped(folder: Path) -> WorldSummary | None:
    """Return what the folder holds, or None when it holds no finished world of this version's recipe."""
    try:
        told = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return None
    if told.pop("recipe", None) != recipe():
        return None
    told |= {"folder": folder, "population": folder / told["population"]}
    return WorldSummary(**told | {"as_of": datetime.fromisoformat(told["as_of"])})


@cache
def recipe() -> str:
    """Return a digest of this package: its code and its catalogue decide every byte of a world."""
    digest = hashlib.blake2b(digest_size=12)
    for name, file in sorted(_files(files(__package__), "")):
        digest.update(f"{name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _files(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        here = f"{path}/{entry.name}"
        if entry.is_dir():
            found += _files(entry, here)
        elif entry.name.endswith((".py", ".yaml")):
            found.append((here, entry))
    return found
