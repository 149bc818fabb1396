"""Stages one event source: person key, instant, type and attributes of each good row."""

import pyarrow as pa

from houselights.services.imports.attributes import read_attributes
from houselights.services.imports.checks import RowCheck
from houselights.services.imports.context import Context
from houselights.services.imports.population import EventSource
from houselights.services.imports.readers import read_batches
from houselights.services.imports.staging import Stage, numbers_of


def stage_events(context: Context, source: EventSource) -> Stage:
    """Read an event source into a stage with the stream events: time, type, then attributes by path.

    Raises InvalidInput for damaged files and missing columns, TooManyRejects past the limit.
    """
    columns = [source.person, source.time, source.type, *source.attributes.values()]
    with Stage(context.staging, source.source.where) as stage:
        for batch in read_batches(context.files[source.source.where], columns, context.rejects, context.progress):
            context.rows_read += len(batch)
            check = RowCheck(batch, source.source.nulls)
            keys = check.words(source.person, required=True)
            cells = {
                "time": check.instants(source.time, required=True),
                "type": check.words(source.type, required=True),
                **read_attributes(check, source.attributes),
            }
            good = check.finish(context.rejects)
            kept = pa.array(good)
            first = stage.add_keys(keys.filter(kept), batch.file.name, batch.lines[good])
            stage.add("events", numbers_of(good, first), {path: cell.filter(kept) for path, cell in cells.items()})
    return stage
