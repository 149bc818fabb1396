"""The tables of builds and of the ledger that pays for them. Part of `schema.py`."""

import sqlalchemy as sa

from houselights.storage.control.columns import BigId, UtcDateTime
from houselights.storage.control.schema_parts import metadata, of_workspace, one_of

# Audiences to be worked out once. One that runs belongs to a `worker` until its lease ends; then anybody may begin it.
build = sa.Table(
    "build",
    metadata,
    sa.Column("number", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("client_id", BigId),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("audience_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("source", sa.JSON, nullable=False),
    sa.Column("asked", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("members", sa.BigInteger),
    sa.Column("generation", sa.Integer),
    sa.Column("outcome", sa.JSON, nullable=False),
    sa.Column("credit", sa.BigInteger),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("worker", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.PrimaryKeyConstraint("number", name="pk_build"),
    sa.UniqueConstraint("workspace_id", "audience_id", name="uq_build_audience"),
    of_workspace("build"),
    one_of("build", "state", "waiting", "running", "succeeded", "failed", "removed"),
    sa.Index("ix_build_workspace", "workspace_id", "origin", "number"),
    sa.Index("ix_build_state", "state", "number"),
)

# How many of something may be asked for, and what was asked. An entry is given back at most once.
credit = sa.Table(
    "credit",
    metadata,
    sa.Column("number", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("holder_id", BigId),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("amount", sa.Integer),
    sa.Column("client_id", BigId),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("refunds", sa.BigInteger),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("number", name="pk_credit"),
    sa.UniqueConstraint("refunds", name="uq_credit_refunds"),
    of_workspace("credit"),
    one_of("credit", "event", "allow", "spend", "refund"),
    sa.Index("ix_credit_kind", "workspace_id", "kind", "number"),
)
