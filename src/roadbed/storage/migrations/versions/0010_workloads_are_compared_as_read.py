"""workloads are compared as they are read, not by a fingerprint of how they were written"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("runtime_workloads", "fingerprint")


def downgrade() -> None:
    op.add_column("runtime_workloads", sa.Column("fingerprint", sa.String(), server_default="", nullable=False))
