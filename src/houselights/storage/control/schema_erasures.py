"""The tables of erasures: requests to be forgotten, and whom to hold back afterwards."""

import sqlalchemy as sa

from houselights.storage.control.columns import BigId, UtcDateTime
from houselights.storage.control.schema_parts import metadata, of_workspace, one_of

# What names anybody is in here until an erasure is done, and no longer.
erasure = sa.Table(
    "erasure",
    metadata,
    sa.Column("number", BigId, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("client_id", BigId),
    sa.Column("account_id", sa.BigInteger),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Column("identities", sa.JSON, nullable=False),
    sa.Column("people", sa.JSON, nullable=False),
    sa.Column("lists", sa.JSON, nullable=False),
    sa.Column("uploads", sa.JSON, nullable=False),
    sa.Column("namespace", sa.Text),
    sa.Column("needles", sa.JSON, nullable=False),
    sa.Column("generation", sa.Integer),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("error", sa.Text),
    sa.Column("report", sa.JSON, nullable=False),
    sa.PrimaryKeyConstraint("number", name="pk_erasure"),
    sa.UniqueConstraint("id", name="uq_erasure_id"),
    of_workspace("erasure"),
    one_of("erasure", "scope", "client", "account", "everything"),
    one_of("erasure", "state", "waiting", "rewritten", "done"),
    sa.Index("ix_erasure_state", "workspace_id", "state", "number"),
)

# Salted hashes of the keys and identities of those who were erased: an import leaves out whoever has one.
held_back = sa.Table(
    "held_back",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "hash", name="pk_held_back"),
    of_workspace("held_back"),
)
