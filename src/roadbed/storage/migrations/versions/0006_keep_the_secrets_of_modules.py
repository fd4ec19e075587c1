"""keep the secrets of modules"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stack_secrets",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stack"], ["stacks.name"], name=op.f("fk_stack_secrets_stack_stacks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stack", "name", name=op.f("pk_stack_secrets")),
        sa.UniqueConstraint("id", name=op.f("uq_stack_secrets_id")),
    )


def downgrade() -> None:
    op.drop_table("stack_secrets")
