"""Stages one source of texts, folded so that phrases can be found in them."""

import pyarrow as pa

from houselights.base.text import fold
from houselights.services.imports.checks import RowCheck
from houselights.services.imports.context import Context
from houselights.services.imports.population import TextSource
from houselights.services.imports.readers import read_batches
from houselights.services.imports.staging import Stage, numbers_of
from houselights.services.imports.times import INSTANT


def stage_texts(context: Context, source: TextSource) -> Stage:
    """Read a source of texts into a stage with the stream texts: field, time (may be null), text, folded.

    Rows without a text are left out, not rejected: many people have no bio. Raises as `stage_events` does.
    """
    columns = [source.person, source.field, source.text, *([source.time] if source.time is not None else [])]
    with Stage(context.staging, source.source.where) as stage:
        for batch in read_batches(context.files[source.source.where], columns, context.rejects, context.progress):
            context.rows_read += len(batch)
            check = RowCheck(batch, source.source.nulls)
            keys = check.words(source.person, required=True)
            fields = check.words(source.field, required=True)
            times = check.instants(source.time) if source.time is not None else pa.nulls(len(batch), INSTANT)
            texts = check.typed(source.text, "string")
            good = check.finish(context.rejects) & texts.is_valid().to_numpy(zero_copy_only=False)
            kept = pa.array(good)
            found = texts.filter(kept)
            first = stage.add_keys(keys.filter(kept), batch.file.name, batch.lines[good])
            folded = pa.array(map(fold, found.to_pylist()), pa.string(), size=len(found))
            stage.add(
                "texts", numbers_of(good, first),
                {"field": fields.filter(kept), "time": times.filter(kept), "text": found, "folded": folded},
            )  # fmt: skip
    return stage
