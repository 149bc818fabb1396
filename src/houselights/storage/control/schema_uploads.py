"""The tables of uploads: what was accepted, what of it waits, who works on it, how much there was.

Part of the schema (`schema.py`); apart from it because a file should be read in one sitting.
"""

import sqlalchemy as sa

from houselights.storage.control.columns import BigId, UtcDateTime
from houselights.storage.control.schema_parts import metadata, of_workspace, one_of

# Records that clients sent in one request, kept before the reply. One in the state "waiting" has a payload.
upload = sa.Table(
    "upload",
    metadata,
    sa.Column("number", BigId, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("client_id", BigId),
    sa.Column("owners", sa.JSON(none_as_null=True)),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("received", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("processed", sa.Integer, nullable=False),
    sa.Column("matched", sa.Integer, nullable=False),
    sa.Column("invalid", sa.JSON, nullable=False),
    sa.Column("targets", sa.JSON, nullable=False),
    sa.Column("audience_ids", sa.JSON, nullable=False),
    sa.Column("generation", sa.Integer),
    sa.Column("error", sa.Text),
    sa.PrimaryKeyConstraint("number", name="pk_upload"),
    sa.UniqueConstraint("id", name="uq_upload_id"),
    of_workspace("upload"),
    one_of("upload", "kind", "members", "identities"),
    one_of("upload", "state", "waiting", "succeeded", "partial", "failed"),
    sa.Index("ix_upload_state", "workspace_id", "state", "number", "received", "bytes"),
)

# Apart from the rows that are listed and read again: a payload may have megabytes, and goes when its upload is done.
upload_payload = sa.Table(
    "upload_payload",
    metadata,
    sa.Column("upload_number", BigId, nullable=False, autoincrement=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("upload_number", name="pk_upload_payload"),
    sa.ForeignKeyConstraint(["upload_number"], ["upload.number"], name="fk_upload_payload_upload", ondelete="CASCADE"),
)

# Who works on the uploads of a workspace, and until when nobody else does.
upload_lease = sa.Table(
    "upload_lease",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False, autoincrement=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", name="pk_upload_lease"),
    of_workspace("upload_lease"),
)

# Records accepted under a key, minute by minute of the Unix epoch.
upload_meter = sa.Table(
    "upload_meter",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("minute", sa.Integer, nullable=False),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "key", "minute", name="pk_upload_meter"),
    of_workspace("upload_meter"),
)

# What uploads ever brought for a list: counted in the transaction that says an upload is done.
list_count = sa.Table(
    "list_count",
    metadata,
    sa.Column("workspace_id", BigId, nullable=False),
    sa.Column("audience_id", sa.BigInteger, nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("matched", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "audience_id", name="pk_list_count"),
    sa.ForeignKeyConstraint(
        ["workspace_id", "audience_id"],
        ["audience.workspace_id", "audience.id"],
        name="fk_list_count_audience",
        ondelete="CASCADE",
    ),
)
