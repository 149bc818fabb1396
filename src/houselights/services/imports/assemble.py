"""From staged rows to lake tables: rows get their person, are dealt into buckets of people, and each bucket is finished
and written. Nothing here is visible to anybody until a generation names the versions it returns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from houselights.model.workspace import Generation
from houselights.services.imports.buckets import Buckets, bucket_bits
from houselights.services.imports.carry import carry_external_ids
from houselights.services.imports.context import Context
from houselights.services.imports.derived import Carried, DerivedFacet, work_out_measures
from houselights.services.imports.event_table import event_tables, events_schema
from houselights.services.imports.keys import People, PersonIds
from houselights.services.imports.link_tables import follow_tables, identity_tables, measure_tables, text_tables
from houselights.services.imports.people_table import people_schema, people_tables
from houselights.services.imports.precedence import HIGHEST, PRECEDENCE, Ranks, ranks_of
from houselights.services.imports.staging import Stage
from houselights.services.imports.table_shapes import types_of
from houselights.services.imports.trait_pairs import NEVER, TraitPairs, sighted_at
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES


@dataclass(slots=True, kw_only=True)
class Stages:
    """All that was staged, by kind, in the order of the population file."""

    people: list[Stage] = field(default_factory=list)
    events: list[Stage] = field(default_factory=list)
    follows: list[Stage] = field(default_factory=list)
    texts: list[Stage] = field(default_factory=list)

    @property
    def most_rows(self) -> int:
        """How many rows the largest table will have."""
        return max(sum(stage.rows for stage in kind) for kind in (self.people, self.events, self.follows, self.texts))


class Assembly:
    """Writes the tables of one workspace. `versions` holds what was written so far, by table."""

    def __init__(
        self,
        context: Context,
        stages: Stages,
        people: People,
        lake: Lake,
        workspace_id: int,
        note: Mapping[str, str],
        before: Generation | None = None,
    ):
        self.context = context
        self.stages = stages
        self.people = people
        self.lake = lake
        self.workspace_id = workspace_id
        self.note = note
        self.before = before
        self.versions: dict[str, int] = {}
        self._bits = bucket_bits(people.capacity, stages.most_rows)
        self.pairs = TraitPairs(self._buckets, context.book, _contested(context))
        self.measures = self._buckets("measures")

    def write_all(self) -> dict[str, int]:
        """Write every table and return its version. Raises TooManyRejects when too many rows are of nobody."""
        stages, sources = self.stages, self.context.population
        rows = [
            self.people.people_rows(stage, _name(source.key), self.context.rejects)
            for stage, source in zip(stages.people, sources.people, strict=True)
        ]
        link = sources.link
        ranks = [None] * len(rows) if link is None else ranks_of(stages.people, link)
        self._write_people(stages.people, rows, ranks)
        identities = [
            self._dealt(stage, "identities", people) for stage, people in zip(stages.people, rows, strict=True)
        ]
        taught = carry_external_ids(self.lake, self.before, sources, self.people, self._buckets("taught"))
        self._write("identities", identity_tables([*identities, *taught]))
        for number, (stage, people) in enumerate(zip(stages.people, rows, strict=True)):
            own = ranks[number]
            for batch in stage.read("pairs"):
                places = batch["row"].to_numpy()
                self.pairs.add(number if own is None else own[places], people[places], batch["trait"].to_numpy())
            self._deal(self.measures, stage, "measures", people, own)
        del rows, ranks
        self._write_events(
            [(stage, _name(source.person)) for stage, source in zip(stages.events, sources.events, strict=True)]
        )
        follows = [
            self._dealt_others(stage, "follows", _name(source.person))
            for stage, source in zip(stages.follows, sources.follows, strict=True)
        ]
        self._write("follows", follow_tables(follows, self._see_follows))
        texts = [
            self._dealt_others(stage, "texts", _name(source.person))
            for stage, source in zip(stages.texts, sources.texts, strict=True)
        ]
        self._write("texts", text_tables(texts))
        self.measures.close()
        self._write("measures", measure_tables(self.measures))
        self._write("traits", self.pairs.tables())
        return self.versions

    def _write_people(self, stages: Sequence[Stage], rows: Sequence[PersonIds], ranks: Sequence[Ranks | None]) -> None:
        keys = self._buckets("keys")
        for batch in self.people.everyone():
            keys.add(batch["person_id"].to_numpy().astype(np.uint32), {"key": batch["key"]})
        keys.close()
        types = types_of(stages, "attributes")
        attributes = [
            self._dealt(stage, "attributes", people, own)
            for stage, people, own in zip(stages, rows, ranks, strict=True)
        ]
        self._write("people", people_tables(keys, attributes, types), people_schema(types))

    def _write_events(self, stages: Sequence[tuple[Stage, str]]) -> None:
        types = types_of([stage for stage, _ in stages], "events")
        dealt = [self._dealt_others(stage, "events", column) for stage, column in stages]
        context = self.context
        facets = [
            DerivedFacet(derived, context.book, context.as_of)
            for derived in context.population.derived
            if derived.facet
        ]
        measures = [derived for derived in context.population.derived if not derived.facet]

        def seen(events: pa.Table) -> None:
            for facet in facets:
                self.pairs.add_sighted(facet.work_out(events))
            for derived in measures:
                for found in work_out_measures(derived, events, context.as_of):
                    name = pa.repeat(pa.scalar(found.name), len(found.people))
                    columns = {"measure": name, "value": pa.array(found.values)}
                    if context.population.link is not None:
                        columns[PRECEDENCE] = pa.repeat(pa.scalar(HIGHEST), len(found.people))
                    self.measures.add(found.people.astype(np.uint32), columns)

        self._write("events", event_tables(dealt, types, seen), events_schema(types))

    def _see_follows(self, rows: pa.Table) -> None:
        people, traits = rows["person_id"].to_numpy().astype(np.int64), rows["trait"].to_numpy().astype(np.int64)
        self.pairs.add_sighted(Carried(people, traits, np.full(len(people), NEVER), sighted_at(rows["last_active"])))

    def _buckets(self, name: str) -> Buckets:
        return Buckets(self.context.staging, name, self.people.capacity, self._bits)

    def _dealt_others(self, stage: Stage, stream: str, column: str) -> Buckets:
        return self._dealt(stage, stream, self.people.other_rows(stage, column, self.context.rejects))

    def _dealt(self, stage: Stage, stream: str, people: PersonIds, ranks: Ranks | None = None) -> Buckets:
        """Return a stage's stream, dealt by person, with the precedence of its rows where they have one."""
        buckets = self._buckets(f"{stage.where}-{stream}")
        self._deal(buckets, stage, stream, people, ranks)
        buckets.close()
        return buckets

    @staticmethod
    def _deal(buckets: Buckets, stage: Stage, stream: str, people: PersonIds, ranks: Ranks | None) -> None:
        for batch in stage.read(stream):
            rows = batch["row"].to_numpy()
            columns = {name: batch[name] for name in batch.schema.names if name != "row"}
            if ranks is not None:
                columns[PRECEDENCE] = pa.array(ranks[rows])
            buckets.add(people[rows], columns)

    def _write(self, table: str, tables: Iterator[pa.Table], schema: pa.Schema | None = None) -> None:
        """Write a table of the lake from the tables of its buckets, telling how far it is."""
        shape = schema if schema is not None else TABLES[table].schema
        progress = self.context.progress
        progress.begin(f"writing {table}")

        def batches() -> Iterator[pa.RecordBatch]:
            for part in tables:
                # Buckets come in the order of people, so the last person written says how far we are.
                progress.move(len(part), (part["person_id"][-1].as_py() + 1) / self.people.capacity)
                yield from part.to_batches()

        reader = pa.RecordBatchReader.from_batches(shape, batches())
        self.versions[table] = self.lake.write(self.workspace_id, table, reader, note=self.note)
        progress.end()


def _name(column: object) -> str:
    return getattr(column, "column", None) or ""


def _contested(context: Context) -> frozenset[str]:
    """Return the single-valued facets that more than one people source, or row of a person, may speak of."""
    speakers: dict[str, int] = {}
    for source in context.population.people:
        for facet in source.facets:
            speakers[facet] = speakers.get(facet, 0) + 1
    most = 1 if context.population.link is None else 0
    return frozenset(key for key, count in speakers.items() if count > most and not context.book.facets[key].multi)
