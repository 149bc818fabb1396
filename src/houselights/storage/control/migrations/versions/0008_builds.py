"""Builds of audiences, and the ledger of what they cost."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "build",
        sa.Column("number", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("members", sa.BigInteger(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_build"),
        sa.UniqueConstraint("workspace_id", "audience_id", name="uq_build_audience"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_build_workspace", ondelete="CASCADE"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'succeeded', 'failed', 'removed')", name="ck_build_state"),
    )
    op.create_index("ix_build_workspace", "build", ["workspace_id", "origin", "number"], unique=False)
    op.create_index("ix_build_state", "build", ["state", "number"], unique=False)
    op.create_table(
        "credit",
        sa.Column("number", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("holder_id", BigId, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("refunds", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_credit"),
        sa.UniqueConstraint("refunds", name="uq_credit_refunds"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_credit_workspace", ondelete="CASCADE"),
        sa.CheckConstraint("event IN ('allow', 'spend', 'refund')", name="ck_credit_event"),
    )
    op.create_index("ix_credit_kind", "credit", ["workspace_id", "kind", "number"], unique=False)
