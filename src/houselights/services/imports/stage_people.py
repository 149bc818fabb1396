"""Stages one people source: keys, profile attributes, facet pairs, identities and measures of each good row."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.imports.attributes import read_attributes
from houselights.services.imports.batches import Batch
from houselights.services.imports.checks import RowCheck
from houselights.services.imports.context import Context
from houselights.services.imports.facets import FacetReader, Ids, Pairs
from houselights.services.imports.identities import Identities, read_identities
from houselights.services.imports.population import Column, PeopleSource
from houselights.services.imports.readers import read_batches
from houselights.services.imports.staging import Stage


def stage_people(context: Context, source: PeopleSource) -> Stage:
    """Read a people source into a stage with the streams attributes, pairs, identities and measures.

    Raises InvalidInput for damaged files and missing columns, TooManyRejects past the limit.
    """
    facets = {
        key: FacetReader(context.book, key, how, closed=_is_closed(context, key)) for key, how in source.facets.items()
    }
    files = context.files[source.source.where]
    with Stage(context.staging, source.source.where) as stage:
        for batch in read_batches(files, list(_columns(source)), context.rejects, context.progress):
            _stage_batch(context, source, facets, stage, batch)
            context.rows_read += len(batch)
    return stage


def _columns(source: PeopleSource) -> Iterator[Column]:
    if source.key is not None:
        yield source.key
    yield from source.attributes.values()
    yield from (how.column for how in source.facets.values())
    yield from (how.column for how in source.identities.values())
    yield from source.postal.columns.values() if source.postal is not None else ()
    yield from source.measures.values()


def _is_closed(context: Context, facet: str) -> bool:
    """Say whether the population file lists all traits of a facet."""
    declared = context.population.facets.get(facet)
    return declared is not None and bool(declared.table or declared.entries)


def _stage_batch(
    context: Context, source: PeopleSource, facets: dict[str, FacetReader], stage: Stage, batch: Batch
) -> None:
    check = RowCheck(batch, source.source.nulls)
    keys = _line_keys(context, source, batch) if source.key is None else check.words(source.key, required=True)
    attributes = read_attributes(check, source.attributes)
    pairs = [facet.read(check) for facet in facets.values()]
    identities = list(read_identities(check, source.identities, source.postal))
    measures = {name: check.typed(column, "float") for name, column in source.measures.items()}
    good = check.finish(context.rejects)
    kept = pa.array(good)
    first = stage.add_keys(keys.filter(kept), batch.file.name, batch.lines[good])
    # The number that each row of the batch has in the stage; rejected ones have none.
    numbers = np.where(good, first + np.cumsum(good) - 1, -1)
    if attributes:
        stage.add("attributes", numbers[good], {path: array.filter(kept) for path, array in attributes.items()})
    _add_pairs(stage, numbers, pairs)
    for found in identities:
        _add_identities(stage, numbers, found)
    for name, array in measures.items():
        known = good & np.asarray(pc.is_valid(array))
        values = array.filter(pa.array(known))
        stage.add("measures", numbers[known], {"measure": pa.repeat(pa.scalar(name), len(values)), "value": values})


def _line_keys(context: Context, source: PeopleSource, batch: Batch) -> pa.Array:
    """Return keys for rows without one: the line in the file, with the file's name when there are several."""
    lines = pa.array(batch.lines).cast(pa.string())
    several = len(context.files[source.source.where]) > 1
    return pc.binary_join_element_wise(pa.scalar(batch.file.name), lines, ":") if several else lines


def _add_pairs(stage: Stage, numbers: Ids, pairs: list[Pairs]) -> None:
    if not pairs:
        return
    rows = numbers[np.concatenate([pair.rows for pair in pairs])]
    traits = np.concatenate([pair.traits for pair in pairs])
    order = np.argsort(rows, kind="stable")
    order = order[np.searchsorted(rows[order], 0) :]  # rejected rows are -1
    stage.add("pairs", rows[order], {"trait": pa.array(traits[order], pa.uint32())})


def _add_identities(stage: Stage, numbers: Ids, identities: Identities) -> None:
    rows = numbers[identities.rows]
    known = rows >= 0
    values = identities.values.filter(pa.array(known))
    name = pa.repeat(pa.scalar(identities.namespace), len(values))
    stage.add("identities", rows[known], {"namespace": name, "value": values})
