"""keep what became of plans that were made for stacks, and when they were looked at"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stack_plans",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wish", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("discarded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stack"], ["stacks.name"], name=op.f("fk_stack_plans_stack_stacks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stack", "number", name=op.f("pk_stack_plans")),
    )
    op.create_table(
        "stack_scans",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["stack"], ["stacks.name"], name=op.f("fk_stack_scans_stack_stacks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stack", name=op.f("pk_stack_scans")),
    )


def downgrade() -> None:
    op.drop_table("stack_scans")
    op.drop_table("stack_plans")
