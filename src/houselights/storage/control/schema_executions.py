"""The table of executions: what was asked in SQL, who works on it, what came of it. Part of `schema.py`."""

import sqlalchemy as sa

from houselights.storage.control.columns import BigId, UtcDateTime
from houselights.storage.control.schema_parts import metadata, of_workspace, one_of

# Askings of queries. One that runs belongs to a `worker` until its lease ends; then anybody may begin it again.
execution = sa.Table(
    "execution",
    metadata,
    sa.Column("number", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.Column("client_id", BigId),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("query_id", sa.Text),
    sa.Column("asked", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("outcome", sa.JSON, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.PrimaryKeyConstraint("number", name="pk_execution"),
    sa.UniqueConstraint("workspace_id", "id", name="uq_execution_id"),
    of_workspace("execution"),
    one_of("execution", "purpose", "report", "audience"),
    one_of("execution", "state", "pending", "running", "succeeded", "failed", "cancelled"),
    sa.Index("ix_execution_account", "workspace_id", "account_id", "number"),
    sa.Index("ix_execution_state", "state", "number"),
)
