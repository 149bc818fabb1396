"""Leaves out of an import whoever was erased: who has a key, or an identity, that was theirs alone. Names nobody.

Files still have them, and an import reads files. What is known of those who were erased are salted hashes
(`services.erasure.held_back`), so every key and identity that is staged is hashed the same way, in the database that
does the joins.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from houselights.base.logs import logger
from houselights.services.erasure.held_back import BETWEEN, KEY
from houselights.services.imports.staging import Stage

log = logger("imports")

_KEYS = """
    INSERT INTO held SELECT key FROM person
    WHERE sha256($salt || $namespace || $between || key) IN (SELECT hash FROM held_hash)
"""
_IDENTITIES = """
    INSERT INTO held SELECT DISTINCT place.key
    FROM told JOIN (SELECT key, file_row_number AS row FROM read_parquet($keys, file_row_number = true)) AS place
        USING (row)
    WHERE sha256($salt || told.namespace || $between || told.value) IN (SELECT hash FROM held_hash)
"""
# Several keys of one person go together.
_WHOLE = """
    CREATE OR REPLACE TEMP TABLE held AS
    SELECT key FROM person WHERE person_id IN (SELECT person_id FROM person JOIN held USING (key))
"""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Hashes of what named those who were erased, and the salt they are made with."""

    salt: str
    hashes: Collection[str]


def hold_back(connection: duckdb.DuckDBPyConnection, stages: Sequence[Stage], held: HeldBack) -> frozenset[str]:
    """Take those who were erased out of the table `person`, and return their keys."""
    if not held.hashes:
        return frozenset()
    run = connection.execute
    run("CREATE OR REPLACE TEMP TABLE held_hash AS SELECT unnest($hashes) AS hash", {"hashes": sorted(held.hashes)})
    run("CREATE OR REPLACE TEMP TABLE held (key VARCHAR)")
    salted = {"salt": held.salt, "between": BETWEEN}
    run(_KEYS, {**salted, "namespace": KEY})
    for stage in stages:
        if stage.schema("identities") is not None:
            connection.register("told", stage.read("identities"))
            run(_IDENTITIES, {**salted, "keys": stage.keys_path})
            connection.unregister("told")
    run(_WHOLE)
    keys = frozenset(key for (key,) in run("SELECT DISTINCT key FROM held").fetchall())
    run("DELETE FROM person WHERE key IN (SELECT key FROM held)")
    if keys:
        log.info("people who were erased are left out", keys=len(keys))
    return keys
