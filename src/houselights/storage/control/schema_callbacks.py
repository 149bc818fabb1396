"""The tables of callbacks and of the tries to deliver them. Part of `schema.py`."""

import sqlalchemy as sa

from houselights.storage.control.columns import BigId, UtcDateTime
from houselights.storage.control.schema_parts import metadata, of_workspace, one_of

# One that is being sent belongs to a `worker` until its lease ends; then anybody may try it again.
callback = sa.Table(
    "callback",
    metadata,
    sa.Column("number", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("client_id", BigId),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("worker", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.PrimaryKeyConstraint("number", name="pk_callback"),
    sa.UniqueConstraint("workspace_id", "id", name="uq_callback_id"),
    of_workspace("callback"),
    one_of("callback", "state", "waiting", "sending", "delivered", "gone", "refused", "failed"),
    sa.Index("ix_callback_state", "state", "due_at"),
    sa.Index("ix_callback_client", "workspace_id", "client_id", "number"),
)

callback_attempt = sa.Table(
    "callback_attempt",
    metadata,
    sa.Column("number", BigId, autoincrement=True),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("callback_id", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("milliseconds", sa.Integer, nullable=False),
    sa.Column("address", sa.Text),
    sa.Column("status", sa.Integer),
    sa.Column("error", sa.Text),
    sa.Column("answer", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("number", name="pk_callback_attempt"),
    sa.ForeignKeyConstraint(
        ["workspace_id", "callback_id"],
        ["callback.workspace_id", "callback.id"],
        name="fk_callback_attempt_callback",
        ondelete="CASCADE",
    ),
    sa.Index("ix_callback_attempt_callback", "workspace_id", "callback_id", "number"),
)
