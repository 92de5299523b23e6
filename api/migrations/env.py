"""Runs migrations on the connection that the store hands over; there is no offline mode and no ini file."""

from alembic import context
from geoalchemy2 import alembic_helpers  # noqa: F401 - registers Alembic's implementation of the gpkg dialect

from api.migrations.comparing import compare_type, include_name
from api.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table_schema=context.config.attributes.get("schema"),
    include_name=include_name,
    compare_type=compare_type,
    render_as_batch=False,  # batch mode copies tables and would lose their registration as layers
    transactional_ddl=False,  # the store owns the transaction
)
context.run_migrations()
