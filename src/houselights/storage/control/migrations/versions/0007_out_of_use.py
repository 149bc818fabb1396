"""Audiences out of use: those that no run and no stream evaluates."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BEFORE = "evaluation IN ('batch', 'continuous', 'synchronous')"
_AFTER = "evaluation IN ('batch', 'continuous', 'synchronous', 'never')"


def upgrade() -> None:
    with op.batch_alter_table("audience") as audience:
        audience.drop_constraint("ck_audience_evaluation", type_="check")
        audience.create_check_constraint("ck_audience_evaluation", _AFTER)


def downgrade() -> None:
    op.execute("UPDATE audience SET evaluation = 'batch' WHERE evaluation = 'never'")
    with op.batch_alter_table("audience") as audience:
        audience.drop_constraint("ck_audience_evaluation", type_="check")
        audience.create_check_constraint("ck_audience_evaluation", _BEFORE)
