"""Erasures, and the salted hashes by which those who were erased are held back when a file brings them again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("number", BigId, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("identities", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("uploads", sa.JSON(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=True),
        sa.Column("needles", sa.JSON(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.CheckConstraint("scope IN ('client', 'account', 'everything')", name="ck_erasure_scope"),
        sa.CheckConstraint("state IN ('waiting', 'rewritten', 'done')", name="ck_erasure_state"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_erasure_workspace", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name="pk_erasure"),
        sa.UniqueConstraint("id", name="uq_erasure_id"),
    )
    op.create_index("ix_erasure_state", "erasure", ["workspace_id", "state", "number"], unique=False)
    op.create_table(
        "held_back",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_held_back_workspace", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "hash", name="pk_held_back"),
    )
