"""The last identities of a contract stand in its row; the table known has the older ones."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what is known so far stays where it is."""
    op.add_column("state", sa.Column("recent", sa.LargeBinary))
    op.add_column(
        "state", sa.Column("spilled", sa.Boolean, nullable=False, server_default=sa.true())
    )
