"""A kitchen for import tests: write files, import them, and look at what came of it in lake, index and database."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from houselights.base.clock import FixedClock
from houselights.base.settings import Settings
from houselights.engine.index.index import Index
from houselights.model.audience import Audience, AudienceFilter, AudienceKind
from houselights.model.imports import ImportRun
from houselights.model.workspace import Generation
from houselights.services.imports.parts import Parts
from houselights.services.imports.run import run_import
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kitchen:
    """One deployment in a temporary folder, and the folder the company's files are in."""

    files: Path
    parts: Parts

    @classmethod
    def open(cls, folder: Path) -> "Kitchen":
        (folder / "files").mkdir(parents=True, exist_ok=True)
        settings = Settings(data=folder / "data")
        settings.data.mkdir(exist_ok=True)
        control = Control.open(settings.database_url)
        parts = Parts(settings=settings, control=control, lake=Lake(settings.lake_url), clock=FixedClock(NOW))
        return cls(folder / "files", parts)

    # ── writing ──

    def text(self, name: str, content: str | bytes) -> Path:
        path = self.files / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def csv(self, name: str, rows: Sequence[Mapping[str, Any]]) -> Path:
        with (self.files / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return self.files / name

    def population(self, mapping: str | Mapping[str, Any], **more: Any) -> Path:
        """Write population.yaml: version, workspace and as_of are added where they are missing."""
        given = yaml.safe_load(mapping) if isinstance(mapping, str) else dict(mapping)
        whole = {"version": 1, "workspace": "test", "as_of": "2026-11-01T00:00:00Z", **given, **more}
        return self.text("population.yaml", json.dumps(whole, default=str))

    # ── importing ──

    def run(self, mapping: str | Mapping[str, Any] | Path, **options: Any) -> ImportRun:
        path = mapping if isinstance(mapping, Path) else self.population(mapping)
        return run_import(self.parts, path, **options)

    # ── looking ──

    @property
    def workspace_id(self) -> int:
        found = self.parts.control.workspaces.by_name("test")
        assert found is not None
        return found.id

    @property
    def generation(self) -> Generation:
        found = self.parts.control.generations.current(self.workspace_id)
        assert found is not None
        return found

    @property
    def index(self) -> Index:
        return Index.open(self.parts.settings.index_folder / self.generation.index)

    def table(self, name: str) -> list[Row]:
        """Return a lake table's rows as the current generation has them, in a stable order."""
        dataset = self.parts.lake.dataset(self.workspace_id, name, self.generation.tables[name])
        return sorted(dataset.to_table().to_pylist(), key=lambda row: str(sorted(row.items())))

    def people(self) -> dict[str, Row]:
        return {row["key"]: row for row in self.table("people")}

    def traits(self) -> dict[str, set[str]]:
        """Return each person's traits as "facet:key", by person key; people without any are there too."""
        names = {row["id"]: f"{row['facet']}:{row['key']}" for row in self.table("trait_dictionary")}
        keys = {row["person_id"]: row["key"] for row in self.table("people")}
        found: dict[str, set[str]] = {key: set() for key in keys.values()}
        for row in self.table("traits"):
            assert names[row["trait_id"]].startswith(row["facet"] + ":")
            found[keys[row["person_id"]]].add(names[row["trait_id"]])
        return found

    def by_key(self, table: str) -> dict[str, list[Row]]:
        """Return a table's rows by person key, without the ids."""
        keys = {row["person_id"]: row["key"] for row in self.table("people")}
        found: dict[str, list[Row]] = {}
        for row in self.table(table):
            rest = {name: value for name, value in row.items() if name not in ("shard", "person_id")}
            found.setdefault(keys[row["person_id"]], []).append(rest)
        return found

    def counts(self) -> dict[str, int]:
        """Return how many people the index says carry each trait."""
        index = self.index
        return {f"{t.facet}:{t.key}": int(index.trait_counts[t.id]) for t in index.catalogue.traits.values()}

    def audiences(self, kind: AudienceKind) -> dict[str, Audience]:
        where = AudienceFilter(kinds=frozenset({kind}))
        found, _ = self.parts.control.audiences.list(self.workspace_id, where, 0, 10_000)
        return {audience.name: audience for audience in found}


def rejects(run: ImportRun) -> list[tuple[str, int, str, str, str]]:
    """Return (file, line, column, value, reason) of a run's rejects."""
    if run.reject_file is None:
        return []
    with Path(run.reject_file).open(newline="") as file:
        return [(r["file"], int(r["line"]), r["column"], r["value"], r["reason"]) for r in csv.DictReader(file)]
