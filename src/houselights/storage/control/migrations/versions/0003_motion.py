"""Profiles in motion: how audiences are evaluated, what has arrived, runs over all people and when they are due."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("audience") as audience:
        audience.add_column(sa.Column("evaluation", sa.Text(), nullable=False, server_default="batch"))
        audience.add_column(
            sa.Column("exclude_opted_out", sa.Boolean(), nullable=False, server_default=sa.false()),
        )
        audience.create_check_constraint(
            "ck_audience_evaluation", "evaluation IN ('batch', 'continuous', 'synchronous')"
        )
    op.create_table(
        "arrival",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.CheckConstraint("kind IN ('profile', 'event')", name="ck_arrival_kind"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_arrival_workspace", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_arrival"),
    )
    op.create_index("ix_arrival_waiting", "arrival", ["workspace_id", "generation", "id"], unique=False)
    op.create_table(
        "evaluation_run",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("source IN ('request', 'schedule')", name="ck_evaluation_run_source"),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="ck_evaluation_run_state"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_evaluation_run_workspace", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_run"),
    )
    op.create_index("ix_evaluation_run_workspace", "evaluation_run", ["workspace_id", "id"], unique=False)
    op.create_table(
        "evaluation_schedule",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minute >= 0 AND minute < 1440", name="ck_evaluation_schedule_minute"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_evaluation_schedule_workspace", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_evaluation_schedule"),
    )
