"""sources, and when builds were last used"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FOLDER = sa.text("""'{"kind": "folder", "revision": null, "ref": null, "dirty": false, "url": null}'""")


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("origin", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sources")),
    )
    op.create_index(op.f("ix_sources_sent_at"), "sources", ["sent_at"])
    op.create_table(
        "build_prunings",
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("policy", name=op.f("pk_build_prunings")),
    )
    op.add_column(
        "builds",
        sa.Column("origin", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=_FOLDER),
    )
    op.add_column("builds", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE builds SET used_at = created_at")
    op.alter_column("builds", "used_at", nullable=False)
    op.alter_column("builds", "origin", server_default=None)
    op.drop_column("builds", "layer")
    op.alter_column("builds", "size", type_=sa.BigInteger())


def downgrade() -> None:
    op.add_column("builds", sa.Column("layer", sa.Text(), nullable=False, server_default=""))
    op.alter_column("builds", "layer", server_default=None)
    op.alter_column("builds", "size", type_=sa.Integer())
    op.drop_column("builds", "used_at")
    op.drop_column("builds", "origin")
    op.drop_table("build_prunings")
    op.drop_table("sources")
