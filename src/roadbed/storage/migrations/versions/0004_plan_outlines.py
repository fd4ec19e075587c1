"""keep what a list says of a plan beside it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UNKNOWN = sa.text("""'{"empty": false, "refused": false, "summary": {}}'""")
"""For plans that the platform before still makes while this is applied."""

_OUTLINES = """
    UPDATE plans SET outline = jsonb_build_object(
        'summary', (
            SELECT jsonb_object_agg(action, (
                       SELECT count(*) FROM json_array_elements(body->'steps') AS step WHERE step->>'action' = action))
              FROM unnest(ARRAY['create', 'update', 'replace', 'delete', 'read', 'adopt', 'import', 'retain', 'none'])
                   AS action),
        'empty', NOT EXISTS (
                SELECT 1 FROM json_array_elements(body->'steps') AS step WHERE step->>'action' <> 'none')
            AND json_array_length(coalesce(body->'rewrites', '[]')) = 0
            AND json_array_length(coalesce(body->'export_changes', '[]')) = 0,
        'refused', EXISTS (
            SELECT 1 FROM json_array_elements(coalesce(body->'verdicts', '[]')) AS verdict
             WHERE verdict->>'level' = 'mandatory'))
"""


def upgrade() -> None:
    outline = sa.Column("outline", postgresql.JSONB(astext_type=sa.Text()), server_default=_UNKNOWN, nullable=False)
    op.add_column("plans", outline)
    op.execute(_OUTLINES)


def downgrade() -> None:
    op.drop_column("plans", "outline")
