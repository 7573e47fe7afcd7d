"""Acts upon the world that are open stand in the row of their contract."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column, and an index that holds only the contracts with open acts."""
    op.add_column("state", sa.Column("acts", sa.LargeBinary))
    is_open = sa.text("acts IS NOT NULL")
    op.create_index(
        "state_acts",
        "state",
        ["partition", "contract_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
