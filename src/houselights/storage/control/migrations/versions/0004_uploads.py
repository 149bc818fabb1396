"""Uploads: what was accepted, what of it waits, who works on it, how much there was for each list and each key."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=f"fk_{table}_workspace", ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("number", BigId, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("owners", sa.JSON(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("processed", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("invalid", sa.JSON(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("audience_ids", sa.JSON(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('members', 'identities')", name="ck_upload_kind"),
        sa.CheckConstraint("state IN ('waiting', 'succeeded', 'partial', 'failed')", name="ck_upload_state"),
        _of_workspace("upload"),
        sa.PrimaryKeyConstraint("number", name="pk_upload"),
        sa.UniqueConstraint("id", name="uq_upload_id"),
    )
    op.create_index("ix_upload_state", "upload", ["workspace_id", "state", "number", "received", "bytes"], unique=False)
    op.create_table(
        "upload_payload",
        sa.Column("upload_number", BigId, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_number"], ["upload.number"], name="fk_upload_payload_upload", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_number", name="pk_upload_payload"),
    )
    op.create_table(
        "upload_lease",
        sa.Column("workspace_id", BigId, autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        _of_workspace("upload_lease"),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_upload_lease"),
    )
    op.create_table(
        "upload_meter",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        _of_workspace("upload_meter"),
        sa.PrimaryKeyConstraint("workspace_id", "key", "minute", name="pk_upload_meter"),
    )
    op.create_table(
        "list_count",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("matched", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "audience_id"],
            ["audience.workspace_id", "audience.id"],
            name="fk_list_count_audience",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "audience_id", name="pk_list_count"),
    )
