"""where the source of a release came from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("releases", sa.Column("origin", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.execute("UPDATE releases SET origin = sources.origin FROM sources WHERE sources.digest = releases.source")


def downgrade() -> None:
    op.drop_column("releases", "origin")
