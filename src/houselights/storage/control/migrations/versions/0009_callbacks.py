"""Callbacks: messages to addresses that clients named, and every try to deliver them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "callback",
        sa.Column("number", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_callback"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_callback_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_callback_workspace", ondelete="CASCADE"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'delivered', 'gone', 'refused', 'failed')", name="ck_callback_state"
        ),
    )
    op.create_index("ix_callback_state", "callback", ["state", "due_at"], unique=False)
    op.create_index("ix_callback_client", "callback", ["workspace_id", "client_id", "number"], unique=False)
    op.create_table(
        "callback_attempt",
        sa.Column("number", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("callback_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_callback_attempt"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "callback_id"],
            ["callback.workspace_id", "callback.id"],
            name="fk_callback_attempt_callback",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_callback_attempt_callback", "callback_attempt", ["workspace_id", "callback_id", "number"], unique=False
    )
