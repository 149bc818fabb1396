"""What every file of the schema builds on: the one collection of tables, and constraints that many have."""

import sqlalchemy as sa

metadata = sa.MetaData()


def one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    """Return the constraint that a column holds one of these words."""
    words = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({words})", name=f"ck_{table}_{column}")


def of_workspace(table: str) -> sa.ForeignKeyConstraint:
    """Return the constraint that a row belongs to a workspace, and goes with it."""
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=f"fk_{table}_workspace", ondelete="CASCADE")
