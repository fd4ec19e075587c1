"""keep on which ports of their own choice replicas listen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runtime_replicas", sa.Column("own_ports", ARRAY(sa.Integer()), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("runtime_replicas", "own_ports")
