"""The engine's core: a resource is one document, the journal is appended to, stacks have history and exports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DOCUMENTS = """
    UPDATE resources SET document = json_build_object(
        'urn', urn, 'type', type, 'name', name, 'id', id, 'properties', properties,
        'depends_on', depends_on, 'outputs', outputs, 'sealed', sealed, 'release', release, 'source', source,
        'broken', broken)
"""

# An apply that was cut off can't be taken up by another version: what it may have made stands in the state as broken.
_CUT_OFF = """
    INSERT INTO resources (urn, deposed, stack, type, document, updated_at)
    SELECT journal.urn, '', journal.stack, step->>'type', json_build_object('urn', journal.urn, 'type', step->>'type',
        'name', step->>'name', 'id', '', 'properties', step->'after', 'depends_on', step->'depends_on', 'broken', true),
        journal.intent_at
    FROM journal
    JOIN stacks ON stacks.name = journal.stack AND stacks.applying = journal.plan
    JOIN plans ON plans.stack = journal.stack AND plans.number = journal.plan,
    LATERAL json_array_elements(plans.body->'steps') AS step
    WHERE journal.outcome IS NULL AND step->>'urn' = journal.urn AND journal.action IN ('create', 'replace')
    ON CONFLICT DO NOTHING
"""

_ENTRIES = """
    INSERT INTO journal (stack, plan, effect, urn, deposed, "do", event, at, error)
    SELECT stack, plan, "do" || ' ' || urn, urn, '', "do", event, at, error FROM (
        SELECT stack, plan, urn, CASE action WHEN 'replace' THEN 'create' ELSE action END AS "do",
            'intent' AS event, intent_at AS at, NULL::json AS error FROM journal_before
        UNION ALL
        SELECT stack, plan, urn, CASE action WHEN 'replace' THEN 'create' ELSE action END,
            outcome, outcome_at, error::json FROM journal_before WHERE outcome IS NOT NULL
    ) AS entries ORDER BY at, event
"""

_MOVED_INTO_DOCUMENT = (
    "name",
    "id",
    "properties",
    "depends_on",
    "outputs",
    "sealed",
    "release",
    "source",
    "broken",
)


def upgrade() -> None:
    _stacks()
    op.add_column("plans", sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("plans", "body", existing_type=JSONB(), type_=JSON(), existing_nullable=False)
    _resources()
    _journal()


def _stacks() -> None:
    op.add_column("stacks", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stacks", sa.Column("drift", JSON(), nullable=True))
    op.add_column("stacks", sa.Column("drift_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "stack_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("summary", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stack_history")),
    )
    op.create_index("ix_stack_history_stack_id", "stack_history", ["stack", "id"], unique=False)
    op.create_table(
        "stack_exports",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["stack"], ["stacks.name"], name=op.f("fk_stack_exports_stack_stacks")),
        sa.PrimaryKeyConstraint("stack", "name", name=op.f("pk_stack_exports")),
    )
    op.create_table(
        "stack_consumers",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stack", "name", "consumer", name=op.f("pk_stack_consumers")),
    )
    op.create_index(op.f("ix_stack_consumers_consumer"), "stack_consumers", ["consumer"], unique=False)


def _resources() -> None:
    op.add_column("resources", sa.Column("deposed", sa.Text(), nullable=False, server_default=""))
    op.alter_column("resources", "deposed", server_default=None)
    op.drop_constraint(op.f("pk_resources"), "resources")
    op.create_primary_key(op.f("pk_resources"), "resources", ["urn", "deposed"])
    op.add_column("resources", sa.Column("document", JSON(), nullable=True))
    op.execute(_DOCUMENTS)
    for column in _MOVED_INTO_DOCUMENT:
        op.drop_column("resources", column)
    op.execute(_CUT_OFF)
    op.execute("UPDATE stacks SET applying = NULL, serial = serial + 1 WHERE applying IS NOT NULL")
    op.alter_column("resources", "document", nullable=False)


def _journal() -> None:
    op.drop_index(op.f("ix_journal_stack_plan"), table_name="journal")
    op.execute("ALTER TABLE journal RENAME CONSTRAINT pk_journal TO pk_journal_before")
    op.rename_table("journal", "journal_before")
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("deposed", sa.Text(), nullable=False),
        sa.Column("do", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", JSON(), nullable=True),
        sa.Column("document", JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_stack_plan_id", "journal", ["stack", "plan", "id"], unique=False)
    op.execute(_ENTRIES)
    op.drop_table("journal_before")
