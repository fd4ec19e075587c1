"""keep which creation has a service or a job"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = ("runtime_services", "runtime_jobs")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("creation", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "creation")
