"""The tables a client can ask in SQL: members and log of its own lists, and what people did, a table for each type.

Another client's tables are not refused: they are not there. Rows are SQL over the files of one generation, written
here; whoever runs a query reads them, and reads only the tables it names.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
from sqlglot import exp

from houselights.base.clock import Clock
from houselights.base.query_settings import QuerySettings
from houselights.cleanroom.compile import Compiled
from houselights.cleanroom.tables import Class, Column, LakeRows, Table
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.engine.sql.tables import parquet
from houselights.model.audience import AudienceFilter, AudienceKind, AudienceStatus
from houselights.model.workspace import Account, Client
from houselights.rules.json_form import from_json
from houselights.rules.tree import Listed
from houselights.services.caller import Caller
from houselights.services.rosters import MADE_BY
from houselights.services.workflows.classes import USER, class_of
from houselights.services.workflows.event_columns import Attribute, Path, attributes, free, lists_of_objects, snake
from houselights.services.workflows.event_types import EventTypes, fields_of, reach
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import EVENTS, MEMBERSHIPS

CLEANROOM = "cleanroom"  # attribute of a list: the account, in digits, of the clean room it was made for
LISTS_MOST = 100_000
FOR_AUDIENCES = "_for_audiences"
MEMBERS, LOGS = "_audience_members_", "_audience_logs_"
HASHED = ("address", "city", "email", "first_name", "last_name", "phone", "state", "zip")
HEX_DIGITS = 8
EVENT_TIME, EVENT_DATE, EVENT_HOUR = "event_time_utc", "event_date_utc", "event_hour_utc"
EVERY_EVENT = frozenset({USER, EVENT_TIME, EVENT_DATE, EVENT_HOUR})
# What a table of the lake that is not there yet would have.
_NONE = {
    MEMBERSHIPS.name: "CAST(NULL AS BIGINT) AS audience_id, CAST(NULL AS BIGINT) AS person_id, "
    "CAST(NULL AS VARCHAR) AS action, CAST(NULL AS TIMESTAMPTZ) AS time",
}


@dataclass(frozen=True, slots=True)
class _List:
    """One list of a client, and for how many seconds people stay on it; None for good."""

    id: int
    seconds: int | None


class AudienceTables:
    """The tables of clients, over the newest generation of their workspace."""

    def __init__(self, control: Control, lake: Lake, snapshots: Snapshots, clock: Clock, settings: QuerySettings):
        self._control = control
        self._lake = lake
        self._snapshots = snapshots
        self._clock = clock
        self._settings = settings
        self._types = EventTypes(lake)

    def now(self, caller: Caller) -> Snapshot:
        """Return what is served now, and what of it is withheld. Raises NotFound before the first import."""
        return self._snapshots.current(caller.workspace.id)

    def visible(self, caller: Caller, room: Account, snapshot: Snapshot) -> list[Table]:
        """Return the tables the caller's client can name in a clean room."""
        tables: list[Table] = []
        if caller.client is not None:
            lists = self._lists(caller.client, room)
            tables += [self._members(caller.client, snapshot, lists), self._logs(caller.client, snapshot, lists)]
        return tables + self._events(snapshot, {name for table in tables for name in table.names})

    def readable(self, compiled: Compiled, snapshot: Snapshot) -> Compiled:
        """Return a query whose rows can be read here: those of a lake on object storage are fetched first."""
        if not self._is_remote:
            return compiled
        return replace(compiled, tables=tuple(self._fetched(table, snapshot) for table in compiled.tables))

    # ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _lists(self, client: Client, room: Account) -> list[_List]:
        where = AudienceFilter(kinds=frozenset({AudienceKind.ADVERTISER}), statuses=frozenset({AudienceStatus.ACTIVE}))
        found, _ = self._control.audiences.list(client.workspace_id, where, 0, LISTS_MOST)
        wanted = {MADE_BY: client.id, CLEANROOM: str(room.id)}
        mine = (each for each in found if all(each.attributes.get(key) == value for key, value in wanted.items()))
        rules = (from_json(each.rule) for each in mine)
        return [_List(rule.list_id, rule.within_seconds) for rule in rules if isinstance(rule, Listed)]

    def _members(self, client: Client, snapshot: Snapshot, lists: Sequence[_List]) -> Table:
        """Who is on each list now, as a rule over the list counts them: the last line, within the time to live."""
        now = int(self._clock.now().timestamp() * 1_000_000)
        kept = ", ".join(
            f"({each.id}, CAST({'NULL' if each.seconds is None else each.seconds} AS HUGEINT))" for each in lists
        )
        sql = f"""
        SELECT CAST(audience_id AS VARCHAR) AS audience_id, {_utc("time")} AS insert_date_utc, person_id AS user_id,
          {_text(self._settings.user_type)} AS user_type
        FROM (
          SELECT audience_id, person_id, time, action FROM {self._source(MEMBERSHIPS.name, snapshot)}
          WHERE {_one_of_lists(lists)}
          QUALIFY row_number() OVER (PARTITION BY audience_id, person_id ORDER BY time DESC, action DESC) = 1
        ) JOIN (VALUES {kept or "(NULL, NULL)"}) AS kept(list, seconds) ON list = audience_id
        WHERE action = 'CREATE' AND (seconds IS NULL OR epoch_us(time) + seconds * 1000000 > {now})
        """
        columns = (
            self._column("audience_id", "STRING", "The list."),
            self._column("insert_date_utc", "TIMESTAMP", "When the person was last put on it."),
            _user(),
            self._column("user_type", "STRING", "What kind of id user_id is."),
        )
        name = source_of(client) + MEMBERS + suffix_of(client)
        return Table(
            names=(name,), columns=columns, rows=self._rows(sql, MEMBERSHIPS.name, snapshot), user=USER,
            for_audiences=True,
        )  # fmt: skip

    def _logs(self, client: Client, snapshot: Snapshot, lists: Sequence[_List]) -> Table:
        """Everything that was ever said of who is on a list."""
        nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS hashed_{each}" for each in HASHED)
        sql = f"""
        SELECT action, audience_id, {nothing}, {_utc("time")} AS insert_date_utc, person_id AS user_id,
          {_text(self._settings.user_type)} AS user_type
        FROM {self._source(MEMBERSHIPS.name, snapshot)} WHERE {_one_of_lists(lists)}
        """
        columns = (
            self._column("action", "STRING", "CREATE or DELETE."),
            self._column("audience_id", "LONG", "The list."),
            # matched, and then forgotten: nothing is in there that could tell of anybody
            *(Column(name=f"hashed_{each}", description="Not kept: always NULL.") for each in HASHED),
            self._column("insert_date_utc", "TIMESTAMP", "When it was said."),
            _user(),
            self._column("user_type", "STRING", "What kind of id user_id is."),
        )
        name = source_of(client) + LOGS + suffix_of(client)
        return Table(
            names=(name,), columns=columns, rows=self._rows(sql, MEMBERSHIPS.name, snapshot), user=USER,
            time="insert_date_utc", retired={"insert_time_in_millis": "insert_date_utc"}, for_audiences=True,
        )  # fmt: skip

    # ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _events(self, snapshot: Snapshot, taken: set[str]) -> list[Table]:
        """Return a table for each event type and list of objects, none called as one that is `taken`, and its twin."""
        version = snapshot.generation.tables.get(EVENTS.name)
        if version is None:
            return []
        fields = fields_of(self._lake.schema(snapshot.generation.workspace_id, EVENTS.name, version))
        whole, lists = attributes(fields, EVERY_EVENT), list(lists_of_objects(fields))
        tables = []
        for event_type, given in self._types.of(snapshot.generation).items():
            name = free(snake((event_type,)), taken)
            own = [each for each in whole if each.path in given]
            tables.append(self._event_table(name, event_type, snapshot, own))
            for path, inner in lists:
                if path in given:
                    below = free(f"{name}_{snake(path)}", taken)
                    items = attributes(inner, EVERY_EVENT)
                    tables.append(self._event_table(below, event_type, snapshot, items, path))
        twins = [replace(t, names=(free(t.names[0] + FOR_AUDIENCES, taken),), for_audiences=True) for t in tables]
        return [*tables, *twins]

    def _event_table(
        self, name: str, event_type: str, snapshot: Snapshot, own: Sequence[Attribute], items: Path | None = None
    ) -> Table:
        """One row for each event of a type, or for each of the objects that events list at the end of `items`."""
        at, inside = _utc("happened.time"), None if items is None else "item"
        values = [f"{_value(each, inside)} AS {_name(each.name)}" for each in own]
        more = "" if items is None else f", UNNEST({reach(items)}) AS listed(item)"
        sql = f"""
        SELECT person_id AS user_id, {at} AS {EVENT_TIME}, CAST({at} AS DATE) AS {EVENT_DATE},
          CAST(hour({at}) AS INTEGER) AS {EVENT_HOUR}{"".join(f", {each}" for each in values)}
        FROM {self._source(EVENTS.name, snapshot)} AS happened{more} WHERE happened.type = {_text(event_type)}
        """
        columns = (
            _user(),
            self._column(EVENT_TIME, "TIMESTAMP", "When it happened.", name),
            self._column(EVENT_DATE, "DATE", "The day on which it happened.", name),
            self._column(EVENT_HOUR, "INTEGER", "The hour of the day, 0 to 23.", name),
            *(self._column(each.name, each.type, ".".join(each.path), name, each.is_metric) for each in own),
        )
        return Table(
            names=(name,), columns=columns, rows=self._rows(sql, EVENTS.name, snapshot), user=USER, time=EVENT_TIME
        )

    # ── rows and columns ────────────────────────────────────────────────────────────────────────────────────────────

    def _column(self, name: str, kind: str, description: str, table: str = "", is_metric: bool = False) -> Column:
        klass = class_of(name, is_metric=is_metric, table=table, said=self._settings.classes)
        return Column(name=name, type=kind, klass=klass, is_metric=is_metric, description=description)

    @property
    def _is_remote(self) -> bool:
        return "://" in self._lake.url

    def _source(self, table: str, snapshot: Snapshot) -> str:
        """Return what stands behind FROM: the files of a table of the lake, or, far away, the name it is given."""
        files = self._files(table, snapshot)
        if not files and not (self._is_remote and table in snapshot.generation.tables):
            return f"(SELECT {_NONE[table]} WHERE false)"
        source = parquet(files).sql("duckdb") if files else f"lake_{table}"
        # Whoever is being erased is in the files for a little longer, and in no answer.
        stays = snapshot.withheld.sql(is_log=table == MEMBERSHIPS.name)
        return source if stays is None else f"(SELECT * FROM {source} WHERE {stays})"

    def _files(self, table: str, snapshot: Snapshot) -> list[str]:
        version = snapshot.generation.tables.get(table)
        if version is None or self._is_remote:
            return []
        return self._lake.files(snapshot.generation.workspace_id, table, version)

    def _rows(self, sql: str, table: str, snapshot: Snapshot) -> LakeRows:
        return LakeRows(sql, tuple(self._files(table, snapshot)))

    def _fetched(self, table: Table, snapshot: Snapshot) -> Table:
        assert isinstance(table.rows, LakeRows)
        with duckdb.connect(config={"enable_external_access": False}) as connection:
            for name in (EVENTS.name, MEMBERSHIPS.name):
                version = snapshot.generation.tables.get(name)
                if version is not None:
                    connection.register(
                        f"lake_{name}", self._lake.dataset(snapshot.generation.workspace_id, name, version)
                    )
            return replace(table, rows=connection.sql(table.rows.sql).to_arrow_table())


def source_of(client: Client) -> str:
    """Return the first part of the names of a client's tables: its own name, as a name in SQL can be."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", client.name) if not unicodedata.combining(each))
    words = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    return words if words[:1].isalpha() else f"client_{words}".rstrip("_")


def suffix_of(client: Client) -> str:
    """Return the last part of the names of a client's tables, which stays when the client is renamed."""
    digest = hashlib.blake2b(f"{client.workspace_id}/{client.client_id}".encode(), digest_size=HEX_DIGITS // 2)
    return digest.hexdigest()


def _user() -> Column:
    return Column(name=USER, type="LONG", klass=Class.VERY_HIGH, description="Who: to be counted, and joined upon.")


def _one_of_lists(lists: Sequence[_List]) -> str:
    return f"audience_id IN ({', '.join(str(each.id) for each in lists)})" if lists else "false"


def _utc(column: str) -> str:
    """Return an instant as a time in UTC without a zone."""
    return f"make_timestamp(epoch_us({column}))"


def _value(attribute: Attribute, inside: str | None) -> str:
    value = reach(attribute.path, inside)
    return _utc(value) if attribute.type == "TIMESTAMP" else value


def _name(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def _text(text: str) -> str:
    return exp.Literal.string(text).sql("duckdb")
