"""What a partition took is said on Kafka, too: records of it wait to be published."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table of order records."""
    op.create_table(
        "chain",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("record", sa.String, nullable=False),
    )
