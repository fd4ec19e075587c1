"""scheduled jobs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runtime_schedules",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("creation", sa.Text(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("overlap", sa.Text(), nullable=False),
        sa.Column("timeout_s", sa.Double(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("starting_deadline_s", sa.Double(), nullable=False),
        sa.Column("history", sa.Integer(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("considered_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_by", sa.Text(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_runtime_schedules")),
    )
    op.create_index(op.f("ix_runtime_schedules_stack"), "runtime_schedules", ["stack"], unique=False)
    op.create_table(
        "runtime_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begin_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key"], ["runtime_schedules.key"], name=op.f("fk_runtime_runs_key_runtime_schedules"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_runs")),
    )
    op.create_index(op.f("ix_runtime_runs_key_due_at"), "runtime_runs", ["key", "due_at"], unique=True)
    op.create_index(op.f("ix_runtime_runs_key_number"), "runtime_runs", ["key", "number"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_runtime_runs_key_number"), table_name="runtime_runs")
    op.drop_index(op.f("ix_runtime_runs_key_due_at"), table_name="runtime_runs")
    op.drop_table("runtime_runs")
    op.drop_index(op.f("ix_runtime_schedules_stack"), table_name="runtime_schedules")
    op.drop_table("runtime_schedules")
