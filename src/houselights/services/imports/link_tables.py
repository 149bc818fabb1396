"""The lake's `identities`, `follows`, `texts` and `measures`: rows about people, brought together from all sources."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.imports.buckets import Buckets
from houselights.services.imports.precedence import HIGHEST, PRECEDENCE
from houselights.services.imports.table_shapes import Types, shards_of, united
from houselights.storage.lake.tables import FOLLOWS, IDENTITIES, MEASURES, TEXTS

_IDENTITY: Types = {"namespace": pa.string(), "value": pa.string()}
_MEASURE: Types = {"measure": pa.string(), "value": pa.float64(), PRECEDENCE: pa.int64()}
_TEXT: Types = {name: TEXTS.schema.field(name).type for name in ("field", "time", "text", "folded")}
_FOLLOW: Types = {
    "platform": pa.string(), "account": pa.string(), "last_active": FOLLOWS.schema.field("last_active").type,
    "trait": pa.uint32(),
}  # fmt: skip


def _buckets(sources: Sequence[Buckets], types: Types) -> Iterator[pa.Table]:
    for bucket in range(max((source.count for source in sources), default=0)):
        tables = [rows for source in sources if (rows := source.sorted_rows(bucket)) is not None]
        if tables:
            yield united(tables, types)


def _shaped(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    people = rows["person_id"].to_numpy().astype(np.int64)
    own = {"shard": shards_of(people), "person_id": pa.array(people)}
    return pa.table([own[name] if name in own else rows[name] for name in schema.names], schema=schema)


def identity_tables(sources: Sequence[Buckets]) -> Iterator[pa.Table]:
    """Yield `identities`, each (person, namespace, value) once. Two people may share one: a tablet, a household."""
    for rows in _buckets(sources, _IDENTITY):
        once = rows.group_by(["person_id", "namespace", "value"], use_threads=False).aggregate([])
        people = once["person_id"].to_numpy()
        if not (people[1:] >= people[:-1]).all():
            once = once.take(pa.array(np.argsort(people, kind="stable")))
        yield _shaped(once, IDENTITIES.schema)


def text_tables(sources: Sequence[Buckets]) -> Iterator[pa.Table]:
    """Yield `texts`, by person."""
    for rows in _buckets(sources, _TEXT):
        yield _shaped(rows, TEXTS.schema)


def follow_tables(sources: Sequence[Buckets], seen: Callable[[pa.Table], None]) -> Iterator[pa.Table]:
    """Yield `follows`, each (person, account) once with its latest activity; `seen` is shown each bucket's rows."""
    for rows in _buckets(sources, _FOLLOW):
        key = (rows["person_id"].to_numpy().astype(np.int64) << 32) | rows["trait"].to_numpy()
        active = np.asarray(pc.fill_null(rows["last_active"].cast(pa.int64()), np.iinfo(np.int64).min))
        order = np.lexsort((active, key))
        last = np.append(key[order][1:] != key[order][:-1], True)
        once = rows.take(pa.array(order[last]))
        seen(once)
        yield _shaped(once, FOLLOWS.schema)


def measure_tables(source: Buckets) -> Iterator[pa.Table]:
    """Yield `measures`, each (person, measure) once; the value of the highest precedence wins, or the last one."""
    for rows in _buckets([source], _MEASURE):
        names = rows["measure"].combine_chunks().dictionary_encode()
        key = (rows["person_id"].to_numpy().astype(np.int64) << 32) | np.asarray(names.indices)
        order = np.lexsort((np.asarray(pc.fill_null(rows[PRECEDENCE], HIGHEST)), key))
        last = np.append(key[order][1:] != key[order][:-1], True)
        yield _shaped(rows.take(pa.array(order[last])), MEASURES.schema)
