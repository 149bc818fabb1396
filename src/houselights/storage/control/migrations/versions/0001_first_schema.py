"""The first schema: workspaces, who may ask, audiences, generations, imports, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secret"),
    )
    op.create_table(
        "workspace",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("privacy", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspace"),
        sa.UniqueConstraint("name", name="uq_workspace_name"),
    )
    op.create_table(
        "account",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "parent_id"], ["account.workspace_id", "account.id"], name="fk_account_parent"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_account_workspace", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_account"),
    )
    op.create_index("ix_account_parent", "account", ["workspace_id", "parent_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_audit_entry_workspace", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_workspace", "audit_entry", ["workspace_id", "id"], unique=False)
    op.create_table(
        "client",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("redirect_uris", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_client_workspace", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_client"),
        sa.UniqueConstraint("client_id", name="uq_client_client_id"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_client_workspace_id"),
    )
    op.create_table(
        "generation",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.Column("index_name", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint("number >= 1", name="ck_generation_number"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_generation_workspace", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "number", name="pk_generation"),
    )
    op.create_table(
        "import_run",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("reject_file", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('running', 'succeeded', 'failed', 'unchanged')", name="ck_import_run_state"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_import_run_workspace", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )
    op.create_index("ix_import_run_workspace", "import_run", ["workspace_id", "id"], unique=False)
    op.create_table(
        "audience",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("place", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('reference', 'custom', 'combined', 'advertiser', 'lookalike')", name="ck_audience_kind"
        ),
        sa.CheckConstraint("status IN ('active', 'archived')", name="ck_audience_status"),
        sa.CheckConstraint("version >= 1", name="ck_audience_version"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"], ["account.workspace_id", "account.id"], name="fk_audience_account"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_audience_workspace", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_audience"),
    )
    op.create_index(
        "ix_audience_listing",
        "audience",
        ["workspace_id", "created_at", "id", "status", "kind", "account_id", "place"],
        unique=False,
    )
    op.create_index(
        "ix_audience_kind", "audience", ["workspace_id", "kind", "status", "account_id", "id"], unique=False
    )
    op.create_index(
        "ix_audience_place", "audience", ["workspace_id", "place", "status", "kind", "account_id"], unique=False
    )
    op.create_table(
        "client_account",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["account.workspace_id", "account.id"],
            name="fk_client_account_account",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "client_id"],
            ["client.workspace_id", "client.id"],
            name="fk_client_account_client",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "client_id", "account_id", name="pk_client_account"),
    )
    op.create_table(
        "token",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("client_id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('access', 'static', 'refresh', 'code')", name="ck_token_kind"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="fk_token_client", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name="pk_token"),
    )
    op.create_index("ix_token_client", "token", ["client_id"], unique=False)
    op.create_index("ix_token_expires_at", "token", ["expires_at"], unique=False)
    op.create_index("ix_token_origin", "token", ["origin"], unique=False)
    op.create_table(
        "audience_dependency",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("depends_on", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "audience_id"],
            ["audience.workspace_id", "audience.id"],
            name="fk_audience_dependency_audience",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "depends_on"],
            ["audience.workspace_id", "audience.id"],
            name="fk_audience_dependency_depends_on",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "audience_id", "depends_on", name="pk_audience_dependency"),
    )
    op.create_index(
        "ix_audience_dependency_depends_on", "audience_dependency", ["workspace_id", "depends_on"], unique=False
    )
    op.create_table(
        "audience_request",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "audience_id"],
            ["audience.workspace_id", "audience.id"],
            name="fk_audience_request_audience",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "account_id", "key", name="pk_audience_request"),
    )
    op.create_table(
        "audience_version",
        sa.Column("workspace_id", BigId, nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "audience_id"],
            ["audience.workspace_id", "audience.id"],
            name="fk_audience_version_audience",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "audience_id", "version", name="pk_audience_version"),
    )
