"""How far imports and evaluations have come, so that whoever looks at them sees them move."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_run") as runs:
        runs.add_column(sa.Column("stage", sa.JSON(), nullable=True))
    with op.batch_alter_table("evaluation_run") as runs:
        runs.add_column(sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
        runs.add_column(sa.Column("total", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("evaluation_run") as runs:
        runs.drop_column("total")
        runs.drop_column("done")
    with op.batch_alter_table("import_run") as runs:
        runs.drop_column("stage")
