"""Runs migrations on the connection that `houselights.storage.control.database.migrate` opened and locked."""

from alembic import context

from houselights.storage.control.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    # SQLite cannot alter a column in place: there, Alembic copies the table
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
