"""Which keys are one person: those that share an identity, themselves or through others. It merges nothing.

DuckDB finds which keys share an identity, on disk where it must; which of them hang together is found over dense
numbers, four bytes a key. A person who is served already keeps the id of the first of their keys that has one.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from houselights.base.logs import logger
from houselights.identity.graph import Components
from houselights.services.imports.population import Link
from houselights.services.imports.staging import Stage

log = logger("imports")

BATCH_ROWS = 1 << 20

_NUMBERS = """
    CREATE TABLE numbered AS
    SELECT key, row_number() OVER (ORDER BY position) - 1 AS number
    FROM (SELECT key, min(position) AS position FROM met GROUP BY key)
"""
_CLAIMS = """
    INSERT INTO claim
    SELECT DISTINCT namespace, value, number
    FROM staged
    JOIN read_parquet(?, file_row_number = true) AS line ON staged.row = line.file_row_number
    JOIN numbered USING (key)
    WHERE list_contains(?, namespace)
"""
_LINKS = """
    SELECT CAST(first AS UINTEGER) AS "left", CAST(number AS UINTEGER) AS "right"
    FROM claim JOIN (
        SELECT namespace, value, min(number) AS first
        FROM claim GROUP BY namespace, value HAVING count(DISTINCT number) BETWEEN 2 AND ?
    ) USING (namespace, value)
    WHERE number <> first
"""
_PEOPLE = """
    CREATE TABLE person AS
    WITH fragment AS (
        SELECT key, number, root, person_id FROM numbered JOIN root_of USING (number) LEFT JOIN known USING (key)
    ), whole AS (
        SELECT root, arg_min(person_id, number) FILTER (WHERE person_id IS NOT NULL) AS person_id
        FROM fragment GROUP BY root
    ), named AS (
        SELECT root, coalesce(person_id, ? + row_number() OVER (PARTITION BY person_id IS NULL ORDER BY root) - 1)
            AS person_id
        FROM whole
    )
    SELECT key, named.person_id, number, number = root AS leads FROM fragment JOIN named USING (root)
"""


def link_people(connection: duckdb.DuckDBPyConnection, stages: Sequence[Stage], link: Link, given: int) -> None:
    """Make the table `person` (key, person_id, number, leads) of the tables `met` and `known`.

    `number` counts keys in the order in which they were met; the first key of a person `leads`. An identity that more
    than `link.most_keys` keys have links nobody: it names a shop's till, not a person.
    """
    run = connection.execute
    run(_NUMBERS)
    run("CREATE TABLE claim (namespace VARCHAR, value VARCHAR, number BIGINT)")
    for stage in stages:
        staged = stage.read("identities")
        if isinstance(staged, tuple):
            continue
        connection.register("staged", staged)
        run(_CLAIMS, [stage.keys_path, list(link.by)])
        connection.unregister("staged")
    (keys,) = run("SELECT count(*) FROM numbered").fetchall()[0]
    components = Components(keys)
    for batch in connection.sql(_LINKS, params=[link.most_keys]).to_arrow_reader(BATCH_ROWS):
        components.link(batch["left"].to_numpy(), batch["right"].to_numpy())
    run("DROP TABLE claim")
    roots = components.roots()
    table = pa.table({"number": pa.array(np.arange(keys)), "root": pa.array(roots.astype(np.int64))})
    connection.register("root_of", table)
    run(_PEOPLE, [given])
    connection.unregister("root_of")
    run("DROP TABLE numbered")
    log.info("linked", keys=keys, people=int((roots == np.arange(keys)).sum()))
