"""keep which replicas listen on a port of their own choice"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runtime_replicas", sa.Column("fixed", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("runtime_replicas", "fixed")
