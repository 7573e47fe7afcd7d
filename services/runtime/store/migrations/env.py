"""Runs migrations over the connection that the database passes in."""

from alembic import context

from services.runtime.store.tables import META

context.configure(connection=context.config.attributes["connection"], target_metadata=META)
with context.begin_transaction():
    context.run_migrations()
