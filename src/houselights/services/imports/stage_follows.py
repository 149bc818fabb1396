"""Stages one follow graph: who follows which account where, and the accounts as traits of `follows_<platform>`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.model.catalogue import Facet, follows_facet
from houselights.services.imports.checks import RowCheck
from houselights.services.imports.context import Context
from houselights.services.imports.facets import Ids, ValueTraits
from houselights.services.imports.population import AccountTable, FollowSource
from houselights.services.imports.readers import read_batches
from houselights.services.imports.staging import Stage, numbers_of
from houselights.services.imports.times import INSTANT


def read_accounts(context: Context, source: FollowSource) -> None:
    """Read the table of a source's accounts into the trait book, with screen name, name and followers as attributes."""
    table = source.accounts
    if table is None:
        return
    platform = table.platform or source.platform
    named = [column for column in (table.screen_name, table.name, table.followers) if column is not None]
    order: dict[str, int] = {}
    for batch in read_batches(
        context.files[table.source.where], [table.id, platform, *named], context.rejects, context.progress
    ):
        check = RowCheck(batch, table.source.nulls)
        ids = check.words(table.id, required=True).to_pylist()
        platforms = check.words(platform, required=True).to_pylist()
        details = list(_details(check, table, len(batch)))
        for row in np.flatnonzero(check.finish(context.rejects)).tolist():
            facet = _facet(context, platforms[row])
            order[facet] = order.get(facet, -1) + 1
            found = {name: value for name, value in details[row].items() if value is not None}
            name = found.get("name") or found.get("screen_name")
            context.book.declare(facet, ids[row], name, order[facet], attributes=found)


def _details(check: RowCheck, table: AccountTable, size: int) -> Iterator[dict[str, Any]]:
    blank: list[None] = [None] * size
    screen_names = check.words(table.screen_name).to_pylist() if table.screen_name else blank
    names = check.words(table.name).to_pylist() if table.name else blank
    followers = check.typed(table.followers, "int").to_pylist() if table.followers else blank
    for screen_name, name, count in zip(screen_names, names, followers, strict=True):
        yield {"screen_name": screen_name, "name": name, "followers": count}


def _facet(context: Context, platform: str) -> str:
    key = follows_facet(platform)
    if key not in context.book.facets:
        context.book.add_facet(Facet(key=key, name=f"Follows on {platform}", multi=True, role="follows"))
    elif not context.book.facets[key].multi:
        context.book.facets[key] = replace(context.book.facets[key], multi=True, role="follows")
    return key


def stage_follows(context: Context, source: FollowSource) -> Stage:
    """Read a follow graph into a stage with the stream follows: platform, account, last_active, trait id.

    Raises as `stage_events` does.
    """
    columns = [source.person, source.platform, source.account]
    columns += [source.last_active] if source.last_active is not None else []
    lookups: dict[str, ValueTraits] = {}
    with Stage(context.staging, source.source.where) as stage:
        for batch in read_batches(context.files[source.source.where], columns, context.rejects, context.progress):
            context.rows_read += len(batch)
            check = RowCheck(batch, source.source.nulls)
            keys = check.words(source.person, required=True)
            platforms = check.words(source.platform, required=True)
            accounts = check.words(source.account, required=True)
            active = check.instants(source.last_active) if source.last_active else pa.nulls(len(batch), INSTANT)
            good = check.finish(context.rejects)
            kept = pa.array(good)
            platforms, accounts = platforms.filter(kept), accounts.filter(kept)
            first = stage.add_keys(keys.filter(kept), batch.file.name, batch.lines[good])
            traits = pa.array(_traits(context, lookups, platforms, accounts), pa.uint32())
            stage.add(
                "follows", numbers_of(good, first),
                {"platform": platforms, "account": accounts, "last_active": active.filter(kept), "trait": traits},
            )  # fmt: skip
    return stage


def _traits(context: Context, lookups: dict[str, ValueTraits], platforms: pa.Array, accounts: pa.Array) -> Ids:
    """Return the trait of each (platform, account); `lookups` remembers each facet's from batch to batch."""
    found = np.zeros(len(platforms), dtype=np.int64)
    for platform in pc.unique(platforms).to_pylist():
        facet = _facet(context, platform)
        if facet not in lookups:
            lookups[facet] = ValueTraits(context.book, facet, None, "keep")
        here = np.asarray(pc.equal(platforms, platform))
        found[here] = lookups[facet].codes(accounts.filter(pa.array(here)))
    return found
