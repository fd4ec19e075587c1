"""a role that reads the audit log and changes nothing"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLE, _NAME = "identity_grants", "ck_identity_grants_role"


def upgrade() -> None:
    _known("'viewer', 'auditor', 'developer', 'operator', 'owner'")


def downgrade() -> None:
    op.execute("DELETE FROM identity_grants WHERE role = 'auditor'")
    _known("'viewer', 'developer', 'operator', 'owner'")


def _known(roles: str) -> None:
    op.drop_constraint(op.f(_NAME), _TABLE, type_="check")
    op.create_check_constraint(op.f(_NAME), _TABLE, f"role IN ({roles})")
