"""The tables of the control database. Ids of audiences and accounts are unique within a workspace, not beyond it.

A row that belongs to a workspace carries its id in the primary key or beside it, and foreign keys between such rows
carry it too: the database itself refuses a link from one workspace into another.
"""

import sqlalchemy as sa

from houselights.storage.control.columns import BigId, PlaceText, UtcDateTime
from houselights.storage.control.schema_builds import build as build
from houselights.storage.control.schema_builds import credit as credit
from houselights.storage.control.schema_callbacks import callback as callback
from houselights.storage.control.schema_callbacks import callback_attempt as callback_attempt
from houselights.storage.control.schema_erasures import erasure as erasure
from houselights.storage.control.schema_erasures import held_back as held_back
from houselights.storage.control.schema_executions import execution as execution
from houselights.storage.control.schema_parts import metadata as metadata
from houselights.storage.control.schema_parts import of_workspace, one_of
from houselights.storage.control.schema_uploads import list_count as list_count
from houselights.storage.control.schema_uploads import upload as upload
from houselights.storage.control.schema_uploads import upload_lease as upload_lease
from houselights.storage.control.schema_uploads import upload_meter as upload_meter
from houselights.storage.control.schema_uploads import upload_payload as upload_payload

workspace = sa.Table(
    "workspace",
    metadata,
    sa.Column("id", BigId, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("privacy", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_workspace"),
    sa.UniqueConstraint("name", name="uq_workspace_name"),
)

account = sa.Table(
    "account",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("parent_id", sa.BigInteger),
    sa.Column("country", sa.Text),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_account"),
    of_workspace("account"),
    sa.ForeignKeyConstraint(
        ["workspace_id", "parent_id"], ["account.workspace_id", "account.id"], name="fk_account_parent"
    ),
    sa.Index("ix_account_parent", "workspace_id", "parent_id"),
)

client = sa.Table(
    "client",
    metadata,
    sa.Column("id", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("secret_hash", sa.Text, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("redirect_uris", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_client"),
    sa.UniqueConstraint("client_id", name="uq_client_client_id"),
    sa.UniqueConstraint("workspace_id", "id", name="uq_client_workspace_id"),
    of_workspace("client"),
)

client_account = sa.Table(
    "client_account",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("client_id", BigId, nullable=False),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "client_id", "account_id", name="pk_client_account"),
    sa.ForeignKeyConstraint(
        ["workspace_id", "client_id"],
        ["client.workspace_id", "client.id"],
        name="fk_client_account_client",
        ondelete="CASCADE",
    ),
    sa.ForeignKeyConstraint(
        ["workspace_id", "account_id"],
        ["account.workspace_id", "account.id"],
        name="fk_client_account_account",
        ondelete="CASCADE",
    ),
)

token = sa.Table(
    "token",
    metadata,
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("client_id", BigId, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("origin", sa.Text),
    sa.Column("details", sa.JSON, nullable=False),
    sa.PrimaryKeyConstraint("hash", name="pk_token"),
    sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="fk_token_client", ondelete="CASCADE"),
    one_of("token", "kind", "access", "static", "refresh", "code"),
    sa.Index("ix_token_client", "client_id"),
    sa.Index("ix_token_expires_at", "expires_at"),
    sa.Index("ix_token_origin", "origin"),
)

audience = sa.Table(
    "audience",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_folded", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("rule", sa.JSON, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("path", sa.JSON, nullable=False),
    sa.Column("place", PlaceText, nullable=False),
    sa.Column("account_id", sa.BigInteger),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("attributes", sa.JSON, nullable=False),
    sa.Column("evaluation", sa.Text, nullable=False, server_default="batch"),
    sa.Column("exclude_opted_out", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_audience"),
    of_workspace("audience"),
    sa.ForeignKeyConstraint(
        ["workspace_id", "account_id"], ["account.workspace_id", "account.id"], name="fk_audience_account"
    ),
    one_of("audience", "kind", "reference", "custom", "combined", "advertiser", "lookalike"),
    one_of("audience", "status", "active", "archived"),
    one_of("audience", "evaluation", "batch", "continuous", "synchronous", "never"),
    sa.CheckConstraint("version >= 1", name="ck_audience_version"),
    # Both indexes carry what filters ask about, so that counting and skipping pages never touch the wide rows.
    sa.Index("ix_audience_listing", "workspace_id", "created_at", "id", "status", "kind", "account_id", "place"),
    sa.Index("ix_audience_place", "workspace_id", "place", "status", "kind", "account_id"),
    # A company's own audiences are a handful among tens of thousands of reference audiences.
    sa.Index("ix_audience_kind", "workspace_id", "kind", "status", "account_id", "id"),
)

audience_version = sa.Table(
    "audience_version",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("audience_id", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("rule", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "audience_id", "version", name="pk_audience_version"),
    sa.ForeignKeyConstraint(
        ["workspace_id", "audience_id"],
        ["audience.workspace_id", "audience.id"],
        name="fk_audience_version_audience",
        ondelete="CASCADE",
    ),
)

audience_dependency = sa.Table(
    "audience_dependency",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("audience_id", sa.BigInteger, nullable=False),
    sa.Column("depends_on", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "audience_id", "depends_on", name="pk_audience_dependency"),
    sa.ForeignKeyConstraint(
        ["workspace_id", "audience_id"],
        ["audience.workspace_id", "audience.id"],
        name="fk_audience_dependency_audience",
        ondelete="CASCADE",
    ),
    sa.ForeignKeyConstraint(
        ["workspace_id", "depends_on"],
        ["audience.workspace_id", "audience.id"],
        name="fk_audience_dependency_depends_on",
        ondelete="CASCADE",
    ),
    sa.Index("ix_audience_dependency_depends_on", "workspace_id", "depends_on"),
)

# What a creating request with an idempotency key led to. `account_id` is 0 for callers who act for no account,
# because a primary key holds no NULL.
audience_request = sa.Table(
    "audience_request",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("request_hash", sa.Text, nullable=False),
    sa.Column("audience_id", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "account_id", "key", name="pk_audience_request"),
    sa.ForeignKeyConstraint(
        ["workspace_id", "audience_id"],
        ["audience.workspace_id", "audience.id"],
        name="fk_audience_request_audience",
        ondelete="CASCADE",
    ),
)

generation = sa.Table(
    "generation",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("tables", sa.JSON, nullable=False),
    sa.Column("index_name", sa.Text, nullable=False),
    sa.Column("as_of", UtcDateTime, nullable=False),
    sa.Column("built_at", UtcDateTime, nullable=False),
    sa.Column("people", sa.BigInteger, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "number", name="pk_generation"),
    of_workspace("generation"),
    sa.CheckConstraint("number >= 1", name="ck_generation_number"),
)

import_run = sa.Table(
    "import_run",
    metadata,
    sa.Column("id", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("population", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("rows_read", sa.BigInteger, nullable=False),
    sa.Column("rows_rejected", sa.BigInteger, nullable=False),
    sa.Column("people", sa.BigInteger, nullable=False),
    sa.Column("generation", sa.Integer),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("error", sa.Text),
    sa.Column("reject_file", sa.Text),
    sa.Column("stage", sa.JSON),
    sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    of_workspace("import_run"),
    one_of("import_run", "state", "running", "succeeded", "failed", "unchanged"),
    sa.Index("ix_import_run_workspace", "workspace_id", "id"),
)

audit_entry = sa.Table(
    "audit_entry",
    metadata,
    sa.Column("id", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("client_id", BigId),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    of_workspace("audit_entry"),
    sa.Index("ix_audit_entry_workspace", "workspace_id", "id"),
)

# What rooms keep for their clients: a body that nothing but the room reads, under a kind of its choosing.
document = sa.Table(
    "document",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "kind", "id", name="pk_document"),
    of_workspace("document"),
    sa.Index("ix_document_listing", "workspace_id", "kind", "created_at"),
)

# Profiles and events that were accepted. One whose generation is NULL waits to be put in its place.
arrival = sa.Table(
    "arrival",
    metadata,
    sa.Column("id", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("generation", sa.Integer),
    sa.Column("outcome", sa.JSON(none_as_null=True)),
    sa.PrimaryKeyConstraint("id", name="pk_arrival"),
    of_workspace("arrival"),
    one_of("arrival", "kind", "profile", "event"),
    sa.Index("ix_arrival_waiting", "workspace_id", "generation", "id"),
)

evaluation_run = sa.Table(
    "evaluation_run",
    metadata,
    sa.Column("id", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("audiences", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("as_of", UtcDateTime),
    sa.Column("people", sa.BigInteger, nullable=False),
    sa.Column("generation", sa.Integer),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    sa.PrimaryKeyConstraint("id", name="pk_evaluation_run"),
    of_workspace("evaluation_run"),
    one_of("evaluation_run", "source", "request", "schedule"),
    one_of("evaluation_run", "state", "queued", "running", "succeeded", "failed", "cancelled"),
    sa.Index("ix_evaluation_run_workspace", "workspace_id", "id"),
)

evaluation_schedule = sa.Table(
    "evaluation_schedule",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("minute", sa.Integer, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("next_due", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", name="pk_evaluation_schedule"),
    of_workspace("evaluation_schedule"),
    sa.CheckConstraint("minute >= 0 AND minute < 1440", name="ck_evaluation_schedule_minute"),
)

# Values the whole deployment shares and draws itself, such as the key that signs page tokens.
secret = sa.Table(
    "secret",
    metadata,
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("name", name="pk_secret"),
)
