"""From the text of a query to SQL that DuckDB runs and that gives nothing away: text → tree → checked → rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
from sqlglot import exp

from houselights.base.errors import InvalidInput
from houselights.cleanroom import calls, literals, predicates, queries, windows
from houselights.cleanroom.context import Context, Names
from houselights.cleanroom.dialect import mended, parse, snippet
from houselights.cleanroom.grouping import only_kinds
from houselights.cleanroom.lineage import Behind, Relation
from houselights.cleanroom.question import Parameters, Privacy, Purpose, Window
from houselights.cleanroom.refusal import FIELD, Refused, unknown
from houselights.cleanroom.tables import TYPES, Class, Table, fold
from houselights.cleanroom.thresholds import FILTERED, REASON, Judged, judge_groups, judge_rows

PERSON = "person"

_READERS = {**literals.READERS, **predicates.READERS, **calls.READERS, **windows.READERS, **queries.READERS}


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One column of the answer: its name as the query gives it, DuckDB's type, and the class of what it is made of.

    `column` is its name in our SQL.
    """

    name: str
    type: str
    klass: Class
    column: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to run: `sql` is DuckDB's, over `tables`, which are those it reads. `notes` are for the reader."""

    sql: str
    columns: tuple[OutputColumn, ...]
    notes: tuple[str, ...]
    tables: tuple[Table, ...]
    purpose: Purpose


def compile_query(
    sql: str,
    tables: Sequence[Table],
    *,
    window: Window,
    now: datetime,
    parameters: Parameters | None = None,
    privacy: Privacy | None = None,
    purpose: Purpose = Purpose.REPORT,
) -> Compiled:
    """Check a query and rewrite it.

    `now` is what CURRENT_TIMESTAMP and 'today' mean. Raises InvalidInput with line, column and caret for whatever is
    not understood or not allowed. Reads no rows.
    """
    privacy = privacy or Privacy()
    known: dict[str, Table] = {}
    for table in tables:
        for name in table.names:
            if fold(name) in known:
                raise ValueError(f"two tables are named {name}")
            known[fold(name)] = table
    context = Context(
        tables=known,
        window=window,
        now=now,
        parameters=parameters or {},
        relation=queries.relation,
        readers=_READERS,
        only_for_audiences=purpose is Purpose.AUDIENCE,
    )
    written, sql = sql, mended(sql)
    if sql != written:
        context.note(
            "EXTEND_TIME_WINDOW: a quote is missing before the name of the table; it was read as if it were there."
        )
    try:
        tree = parse(sql)
        names = queries.with_names(context, tree, {}) if isinstance(tree, exp.Query) else {}
        judged = (
            _people(context, tree, names) if purpose is Purpose.AUDIENCE else _report(context, tree, names, privacy)
        )
        return _compiled(context, judged, purpose, privacy)
    except Refused as refused:
        raise refused.told(sql) from None
    except RecursionError:
        raise InvalidInput("the query is nested too deeply", field=FIELD) from None


def _report(context: Context, tree: exp.Expr, names: Names, privacy: Privacy) -> Judged:
    if isinstance(tree, exp.Select):
        selected = queries.read(context, tree, names)
        above = [node for _, node in selected.outputs] + ([selected.having] if selected.having is not None else [])
        # Windows and queries above the groups bring other people's values in: those are judged row by row.
        brings_others = any(node.find(exp.Window, exp.Query) for node in above)
        if selected.is_grouped and not selected.is_distinct and not brings_others:
            judged = judge_groups(context, selected, privacy)
        else:
            judged = _judged_rows(context, queries.finished(selected), tree, privacy)
    else:
        judged = _judged_rows(context, _whole(context, tree, names), tree, privacy)
    named = [fold(name) for name, _ in judged.columns]
    named += [fold(name) for name in (privacy.discriminator, privacy.reason) if name]
    for name, _ in judged.columns:
        if named.count(fold(name)) > 1:
            raise Refused(tree, f"two columns of the result are named {name}", "Give one an alias.")
    return judged


def _judged_rows(context: Context, found: Relation, tree: exp.Expr, privacy: Privacy) -> Judged:
    for each in found.shown:
        if each.lineage.is_key:
            raise Refused(tree, f"column {each.name} shows user ids", "Drop it, or count it: COUNT(DISTINCT user_id).")
    if only_kinds(found, Behind.ONE):
        raise Refused(
            tree, "the query gives rows of single users; it needs at least one aggregate", "GROUP BY something."
        )
    return judge_rows(context, found, privacy)


def _whole(context: Context, tree: exp.Expr, names: Names) -> Relation:
    if isinstance(tree, exp.Union):
        return queries.combined(context, tree, names)
    if isinstance(tree, exp.Subquery):
        return queries.relation(context, tree, names)
    raise unknown(tree)


def _people(context: Context, tree: exp.Expr, names: Names) -> Judged:
    """Return the people a query selects, in place of rows."""
    if isinstance(tree, exp.Select):
        found = queries.finished(queries.read(context, tree, names))
    else:
        found = _whole(context, tree, names)
    if len(found.shown) != 1 or not found.shown[0].lineage.names:
        raise Refused(tree, "a query for an audience selects user ids and nothing else", "SELECT user_id FROM …")
    person = exp.column(found.shown[0].column)
    source = (
        found.sql if isinstance(found.sql, exp.Table) else exp.alias_(exp.Subquery(this=found.sql), "p", table=True)
    )
    sql = exp.select(exp.alias_(person, PERSON)).distinct().from_(source).where(snippet("p >= 0", p=person))
    return Judged(sql, ((found.shown[0].name, found.shown[0].lineage),))


def _compiled(context: Context, judged: Judged, purpose: Purpose, privacy: Privacy) -> Compiled:
    whole = judged.sql
    for name, sql in context.named:
        # What is numbered or drawn at random must be so once, however often it is read.
        whole = whole.with_(name, as_=sql, materialized=True if name.startswith("s") else None, copy=False)
    text = whole.sql("duckdb")
    types = _types(text, context.read, len(judged.columns))
    columns = [
        OutputColumn(name, kind, lineage.klass, f"c{number}")
        for number, ((name, lineage), kind) in enumerate(zip(judged.columns, types, strict=True))
    ]
    if purpose is Purpose.REPORT and privacy.discriminator:
        columns.append(OutputColumn(privacy.discriminator, "BOOLEAN", Class.NONE, FILTERED))
    if purpose is Purpose.REPORT and privacy.reason:
        columns.append(OutputColumn(privacy.reason, "VARCHAR", Class.NONE, REASON))
    return Compiled(text, tuple(columns), tuple(context.notes), tuple(context.read), purpose)


def _types(sql: str, tables: Sequence[Table], count: int) -> list[str]:
    """Return the types of the first columns, having DuckDB look at the query over empty tables."""
    with duckdb.connect(config={"enable_external_access": False, "threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for number, table in enumerate(tables):
            columns = ", ".join(
                f"{exp.to_identifier(each.name, quoted=True).sql('duckdb')} "
                f"{'BIGINT' if each.name == table.user else TYPES[each.type]}"
                for each in table.columns
            )
            connection.execute(f"CREATE TABLE t{number} ({columns})")
        try:
            return [str(row[1]) for row in connection.execute(f"DESCRIBE {sql}").fetchall()][:count]
        except duckdb.Error as error:
            first = str(error).split("\n")[0].split("Error:")[-1].strip()
            raise InvalidInput(f"the query does not fit the types of its columns: {first}", field=FIELD) from None
