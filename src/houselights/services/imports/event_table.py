"""The lake's `events`, and what is derived from them while they pass: all events of a person are in one bucket."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from houselights.services.imports.attributes import nest, nested_schema
from houselights.services.imports.buckets import Buckets
from houselights.services.imports.table_shapes import Types, shards_of, united
from houselights.storage.lake.tables import EVENTS

OWN = ("time", "type")


def events_schema(types: Types) -> pa.Schema:
    """Return the table's columns for columns of these types, time and type among them."""
    return pa.schema([*EVENTS.schema, *nested_schema({path: kind for path, kind in types.items() if path not in OWN})])


def event_tables(sources: Sequence[Buckets], types: Types, seen: Callable[[pa.Table], None]) -> Iterator[pa.Table]:
    """Yield the table, bucket after bucket, by person and time; `seen` is shown each bucket's flat columns first."""
    schema = events_schema(types)
    for bucket in range(max((source.count for source in sources), default=0)):
        tables = [rows for source in sources if (rows := source.sorted_rows(bucket)) is not None]
        if not tables:
            continue
        flat = united(tables, types)
        seen(flat)
        order = np.lexsort((np.asarray(flat["time"].cast(pa.int64())), flat["person_id"].to_numpy()))
        if not (order[1:] > order[:-1]).all():
            flat = flat.take(pa.array(order))
        people = flat["person_id"].to_numpy().astype(np.int64)
        attributes = {path: flat[path].combine_chunks() for path in types if path not in OWN}
        parts = {"shard": shards_of(people), "person_id": pa.array(people), "time": flat["time"], "type": flat["type"],
                 **nest(attributes)}  # fmt: skip
        yield pa.table([parts[name] for name in schema.names], schema=schema)
