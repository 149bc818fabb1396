"""Fills the trait book before any person is read: facets as declared, traits from lists, bands and tables, trees by
parent or by path. Rows of a table that name no trait, or an unknown parent, are rejected.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.model.catalogue import Facet
from houselights.services.imports.cells import items, text
from houselights.services.imports.checks import RowCheck
from houselights.services.imports.context import Context
from houselights.services.imports.population import Column, FacetDeclaration, NumberBand, Population, TraitTable
from houselights.services.imports.readers import read_batches
from houselights.services.imports.rejects import Rejects


def facets_of(population: Population) -> list[Facet]:
    """Return all facets, declared ones first. One nobody declared is named after its key.

    Raises InvalidInput when a facet declared single-valued is read from lists.
    """
    many: dict[str, bool] = {}
    for people in population.people:
        for key, how in people.facets.items():
            many[key] = many.get(key, False) or how.column.many
    for derived in population.derived:
        if derived.facet is not None:
            many[derived.facet] = True
    windows = {derived.facet: derived.within_days for derived in population.derived}
    declared = {**population.facets}
    for key in many:
        declared.setdefault(
            key, FacetDeclaration(key=key, name=key.replace("_", " ").capitalize(), where=f"facets.{key}")
        )
    for key, facet in declared.items():
        if facet.multi is False and many.get(key):
            raise InvalidInput(
                f'{facet.where}.multi: "{key}" is single-valued, but it is read from lists', field=facet.where
            )
    return [
        Facet(
            key=key,
            name=facet.name,
            description=facet.description,
            multi=many.get(key, False) if facet.multi is None else facet.multi,
            role=facet.role,
            unit=facet.unit,
            discovery=facet.discovery,
            window_days=windows.get(key),
        )
        for key, facet in declared.items()
    ]


def declare_traits(context: Context) -> None:
    """Declare every trait that the population file, its bands or its tables name."""
    book, population = context.book, context.population
    context.progress.begin("reading the traits")
    for key, facet in population.facets.items():
        if facet.table is not None:
            _TreeReader(context, key, facet.table).read()
        ids = {entry.key: book.declare(key, entry.key, entry.name, order, low=entry.low, high=entry.high,
                                       description=entry.description, attributes=entry.attributes)
               for order, entry in enumerate(facet.entries)}  # fmt: skip
        for entry in facet.entries:
            book.put_under(ids[entry.key], None if entry.parent is None else ids[entry.parent])
    for where, key, bands, values in _maps(population):
        closed = key in population.facets and bool(population.facets[key].table or population.facets[key].entries)
        for order, band in enumerate(bands):
            name = population.facets[key].names.get(band.key) if key in population.facets else None
            book.declare(key, band.key, name or band.name, order, low=band.low, high=band.high)
        for order, trait in enumerate(dict.fromkeys(trait for trait in values.values() if trait is not None)):
            if book.find(key, trait) is None:
                if closed:
                    hint = did_you_mean(trait, book.keys(key))
                    raise InvalidInput(f'{where}: "{trait}" is not among the traits of "{key}"', field=where, hint=hint)
                book.declare(key, trait, None, order)
    context.progress.end()


def _maps(
    population: Population,
) -> Iterator[tuple[str, str, tuple[NumberBand, ...], Mapping[str, str | None]]]:
    """Yield every place that names traits of a facet: (where, facet, bands, value map)."""
    for people in population.people:
        for key, how in people.facets.items():
            yield f"{how.column.where}.values", key, how.bands, how.values or {}
    for derived in population.derived:
        if derived.facet is not None:
            yield f"{derived.where}.values", derived.facet, (), derived.values or {}


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a trait table, as read."""

    key: str
    name: str | None
    parent: str | None
    path: tuple[str, ...]
    more: Mapping[str, Any]
    file: str
    line: int


class _TreeReader:
    """Reads one facet's table: first all rows, then the tree, since a child may stand before its parent."""

    def __init__(self, context: Context, facet: str, table: TraitTable):
        self.book = context.book
        self.context = context
        self.facet = facet
        self.table = table

    def read(self) -> None:
        """Read the table into the book; rows that cannot be placed go to the rejects."""
        table, rejects = self.table, self.context.rejects
        files = self.context.files[table.source.where]
        columns = [
            c for c in (table.id, table.name, table.parent, table.path, table.description, table.low, table.high) if c
        ]
        columns += table.attributes.values()
        rows: dict[str, _Row] = {}
        for batch in read_batches(files, columns, rejects, self.context.progress):
            for row in self._rows(RowCheck(batch, table.source.nulls), rejects):
                if row.key in rows:
                    rejects.row(row.file, row.line, table.id.column or "", row.key, "the trait is there twice")
                else:
                    rows[row.key] = row
        if table.parent is not None:
            self._reject_orphans(rows, table.parent, rejects)
        ids = {
            row.key: self.book.declare(self.facet, row.key, row.path[-1] if row.path else row.name, order, **row.more)
            for order, row in enumerate(rows.values())
        }
        if table.path is not None:
            self._hang_by_path(rows, ids)
        else:
            for row in rows.values():
                self.book.put_under(ids[row.key], None if row.parent is None else ids[row.parent])

    def _rows(self, check: RowCheck, rejects: Rejects) -> Iterator[_Row]:
        table, size = self.table, len(check.batch)
        blank: list[Any] = [None] * size
        keys = check.words(table.id, required=True).to_pylist()
        names = check.words(table.name).to_pylist() if table.name else blank
        parents = check.words(table.parent).to_pylist() if table.parent else blank
        paths = self._paths(check) if table.path else [()] * size
        texts = check.words(table.description).to_pylist() if table.description else blank
        lows = check.typed(table.low, "float").to_pylist() if table.low else blank
        highs = check.typed(table.high, "float").to_pylist() if table.high else blank
        extra = {name: check.typed(column).to_pylist() for name, column in table.attributes.items()}
        for place in np.flatnonzero(check.finish(rejects)).tolist():
            kept = {name: _plain(cells[place]) for name, cells in extra.items() if cells[place] is not None}
            more = {"low": lows[place], "high": highs[place], "description": texts[place] or "", "attributes": kept}
            yield _Row(
                keys[place], names[place], parents[place], paths[place], more,
                check.batch.file.name, int(check.batch.lines[place]),
            )  # fmt: skip

    def _paths(self, check: RowCheck) -> list[tuple[str, ...]]:
        column = self.table.path
        assert column is not None
        names, rows = items(check.batch.array(column), column.separator, check.nulls)
        paths: list[list[str]] = [[] for _ in range(len(check.batch))]
        for name, row in zip(text(names).values.to_pylist(), rows.tolist(), strict=True):
            paths[row].append(name)
        check.mark_rows(
            column, [row for row, path in enumerate(paths) if not path], [""] * sum(not p for p in paths), "empty"
        )
        return [tuple(path) for path in paths]

    def _reject_orphans(self, rows: dict[str, _Row], parent: Column, rejects: Rejects) -> None:
        """Reject rows whose parent is not there, then those below them."""
        while orphans := [row for row in rows.values() if row.parent is not None and row.parent not in rows]:
            for row in orphans:
                rejects.row(row.file, row.line, parent.column or "", row.parent or "", "no such parent")
                del rows[row.key]

    def _hang_by_path(self, rows: Mapping[str, _Row], ids: Mapping[str, int]) -> None:
        """Hang each node below the one whose path is its own less the last name; make the nodes in between."""
        nodes = {row.path: ids[row.key] for row in rows.values()}
        for row in rows.values():
            child = ids[row.key]
            for depth in range(len(row.path) - 1, 0, -1):
                above = row.path[:depth]
                made = above not in nodes
                if made:
                    nodes[above] = self.book.declare(self.facet, " > ".join(above), above[-1], len(ids) + len(nodes))
                self.book.put_under(child, nodes[above])
                if not made:
                    break
                child = nodes[above]


def _plain(value: Any) -> Any:
    """Return an attribute as JSON can hold it."""
    return value.isoformat() if isinstance(value, date) else value
