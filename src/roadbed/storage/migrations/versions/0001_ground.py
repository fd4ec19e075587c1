"""ground"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    """
    CREATE FUNCTION audit_records_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit records are append-only';
    END $$
    """,
    """
    CREATE TRIGGER audit_records_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_records
    FOR EACH STATEMENT EXECUTE FUNCTION audit_records_append_only()
    """,
)


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("releases", sa.Integer(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stack", name=op.f("pk_applications")),
    )
    op.create_index(op.f("ix_applications_application"), "applications", ["application"], unique=False)
    op.create_table(
        "audit_records",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_records")),
    )
    for statement in APPEND_ONLY:
        op.execute(statement)
    op.create_index(op.f("ix_audit_records_owner_id"), "audit_records", ["owner", "id"], unique=False)
    op.create_index(op.f("ix_audit_records_principal_id"), "audit_records", ["principal", "id"], unique=False)
    op.create_index(op.f("ix_audit_records_target_name_id"), "audit_records", ["target_name", "id"], unique=False)
    op.create_table(
        "builds",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("recipe", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("lock", sa.Text(), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_builds")),
    )
    op.create_index(op.f("ix_builds_created_at"), "builds", ["created_at"], unique=False)
    op.create_index(op.f("ix_builds_source"), "builds", ["source"], unique=False)
    op.create_table(
        "catalog_claims",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("generated", sa.Boolean(), nullable=False),
        sa.Column("orphan", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "ref", name=op.f("pk_catalog_claims")),
    )
    op.create_index(op.f("ix_catalog_claims_ref"), "catalog_claims", ["ref"], unique=False)
    op.create_table(
        "catalog_entities",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("orphan", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_catalog_entities")),
    )
    op.create_index(op.f("ix_catalog_entities_kind"), "catalog_entities", ["kind"], unique=False)
    op.create_table(
        "config_secrets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_config_secrets")),
    )
    op.create_index(op.f("ix_config_secrets_stack"), "config_secrets", ["stack"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_table(
        "gateway_backends",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("service", "id", "name", name=op.f("pk_gateway_backends")),
    )
    op.create_table(
        "gateway_endpoints",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("local_port", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gateway_endpoints")),
    )
    op.create_index(op.f("ix_gateway_endpoints_local_port"), "gateway_endpoints", ["local_port"], unique=False)
    op.create_table(
        "gateway_routes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gateway_routes")),
        sa.UniqueConstraint("host", "path", name=op.f("uq_gateway_routes_host_path")),
    )
    op.create_table(
        "gateway_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_gateway_version_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_version")),
    )
    op.create_table(
        "identity_accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('user', 'service')", name=op.f("ck_identity_accounts_kind")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_identity_accounts")),
    )
    op.create_table(
        "identity_grants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('viewer', 'developer', 'operator', 'owner')", name=op.f("ck_identity_grants_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_grants")),
        sa.UniqueConstraint("subject", "role", "scope", name=op.f("uq_identity_grants_subject_role_scope")),
    )
    op.create_index(op.f("ix_identity_grants_role_scope"), "identity_grants", ["role", "scope"], unique=False)
    op.create_table(
        "identity_login_attempts",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_identity_login_attempts")),
    )
    op.create_index(op.f("ix_identity_login_attempts_last_at"), "identity_login_attempts", ["last_at"], unique=False)
    op.create_table(
        "identity_memberships",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group", "account", name=op.f("pk_identity_memberships")),
    )
    op.create_index(op.f("ix_identity_memberships_account"), "identity_memberships", ["account"], unique=False)
    op.create_table(
        "journal",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("intent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("stack", "plan", "urn", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_stack_plan", "journal", ["stack", "plan"], unique=False)
    op.create_table(
        "operation_workers",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation_workers")),
    )
    op.create_table(
        "operations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("environment_kind", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("principal", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lock", sa.Text(), nullable=True),
        sa.Column("job", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
    )
    op.create_index(op.f("ix_operations_state_id"), "operations", ["state", "id"], unique=False)
    op.create_index(op.f("ix_operations_target_id"), "operations", ["target", "id"], unique=False)
    op.create_table(
        "releases",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("build", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("rollback_of", sa.Integer(), nullable=True),
        sa.Column("sandboxed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("stack", "number", name=op.f("pk_releases")),
    )
    op.create_table(
        "runtime_jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("workload", sa.Text(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_jobs")),
    )
    op.create_index(op.f("ix_runtime_jobs_stack"), "runtime_jobs", ["stack"], unique=False)
    op.create_table(
        "runtime_services",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("active", sa.Integer(), nullable=True),
        sa.Column("generations", sa.Integer(), nullable=False),
        sa.Column("replicas", sa.Integer(), nullable=False),
        sa.Column("active_replicas", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("routed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("listens", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_runtime_services")),
    )
    op.create_index(op.f("ix_runtime_services_stack"), "runtime_services", ["stack"], unique=False)
    op.create_table(
        "stacks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("plans", sa.Integer(), nullable=False),
        sa.Column("applying", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stacks")),
    )
    op.create_table(
        "catalog_relations",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declared_by"],
            ["catalog_entities.ref"],
            name=op.f("fk_catalog_relations_declared_by_catalog_entities"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source", "type", "target", "declared_by", name=op.f("pk_catalog_relations")),
    )
    op.create_index(op.f("ix_catalog_relations_declared_by"), "catalog_relations", ["declared_by"], unique=False)
    op.create_table(
        "catalog_terms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ref"], ["catalog_entities.ref"], name=op.f("fk_catalog_terms_ref_catalog_entities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_terms")),
    )
    op.create_index(op.f("ix_catalog_terms_key_value"), "catalog_terms", ["key", "value"], unique=False)
    op.create_index(op.f("ix_catalog_terms_ref"), "catalog_terms", ["ref"], unique=False)
    op.create_table(
        "identity_login_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["identity_accounts.name"], name=op.f("fk_identity_login_codes_account_identity_accounts")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_identity_login_codes")),
    )
    op.create_index(op.f("ix_identity_login_codes_expires_at"), "identity_login_codes", ["expires_at"], unique=False)
    op.create_table(
        "identity_sessions",
        sa.Column("cookie_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["identity_accounts.name"], name=op.f("fk_identity_sessions_account_identity_accounts")
        ),
        sa.PrimaryKeyConstraint("cookie_hash", name=op.f("pk_identity_sessions")),
    )
    op.create_index(op.f("ix_identity_sessions_account"), "identity_sessions", ["account"], unique=False)
    op.create_index(op.f("ix_identity_sessions_expires_at"), "identity_sessions", ["expires_at"], unique=False)
    op.create_table(
        "identity_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["identity_accounts.name"], name=op.f("fk_identity_tokens_account_identity_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_tokens")),
    )
    op.create_index(op.f("ix_identity_tokens_account"), "identity_tokens", ["account"], unique=False)
    op.create_table(
        "operation_log",
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation"], ["operations.id"], name=op.f("fk_operation_log_operation_operations"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("operation", "sequence", name=op.f("pk_operation_log")),
    )
    op.create_table(
        "operation_steps",
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation"], ["operations.id"], name=op.f("fk_operation_steps_operation_operations"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("operation", "name", name=op.f("pk_operation_steps")),
    )
    op.create_table(
        "plans",
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["stack"], ["stacks.name"], name=op.f("fk_plans_stack_stacks")),
        sa.PrimaryKeyConstraint("stack", "number", name=op.f("pk_plans")),
    )
    op.create_table(
        "resources",
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("depends_on", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sealed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("source", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("broken", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["stack"], ["stacks.name"], name=op.f("fk_resources_stack_stacks")),
        sa.PrimaryKeyConstraint("urn", name=op.f("pk_resources")),
    )
    op.create_index(op.f("ix_resources_stack"), "resources", ["stack"], unique=False)
    op.create_table(
        "runtime_replicas",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unrouted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key"], ["runtime_services.key"], name=op.f("fk_runtime_replicas_key_runtime_services"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_replicas")),
    )
    op.create_index(op.f("ix_runtime_replicas_key_created_at"), "runtime_replicas", ["key", "created_at"], unique=False)
    op.create_table(
        "runtime_rollouts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("replicas", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key"], ["runtime_services.key"], name=op.f("fk_runtime_rollouts_key_runtime_services"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runtime_rollouts")),
    )
    op.create_index(op.f("ix_runtime_rollouts_key_started_at"), "runtime_rollouts", ["key", "started_at"], unique=False)
    op.create_table(
        "runtime_workloads",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key"],
            ["runtime_services.key"],
            name=op.f("fk_runtime_workloads_key_runtime_services"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "generation", name=op.f("pk_runtime_workloads")),
    )


def downgrade() -> None:
    op.drop_table("runtime_workloads")
    op.drop_index(op.f("ix_runtime_rollouts_key_started_at"), table_name="runtime_rollouts")
    op.drop_table("runtime_rollouts")
    op.drop_index(op.f("ix_runtime_replicas_key_created_at"), table_name="runtime_replicas")
    op.drop_table("runtime_replicas")
    op.drop_index(op.f("ix_resources_stack"), table_name="resources")
    op.drop_table("resources")
    op.drop_table("plans")
    op.drop_table("operation_steps")
    op.drop_table("operation_log")
    op.drop_index(op.f("ix_identity_tokens_account"), table_name="identity_tokens")
    op.drop_table("identity_tokens")
    op.drop_index(op.f("ix_identity_sessions_expires_at"), table_name="identity_sessions")
    op.drop_index(op.f("ix_identity_sessions_account"), table_name="identity_sessions")
    op.drop_table("identity_sessions")
    op.drop_index(op.f("ix_identity_login_codes_expires_at"), table_name="identity_login_codes")
    op.drop_table("identity_login_codes")
    op.drop_index(op.f("ix_catalog_terms_ref"), table_name="catalog_terms")
    op.drop_index(op.f("ix_catalog_terms_key_value"), table_name="catalog_terms")
    op.drop_table("catalog_terms")
    op.drop_index(op.f("ix_catalog_relations_declared_by"), table_name="catalog_relations")
    op.drop_table("catalog_relations")
    op.drop_table("stacks")
    op.drop_index(op.f("ix_runtime_services_stack"), table_name="runtime_services")
    op.drop_table("runtime_services")
    op.drop_index(op.f("ix_runtime_jobs_stack"), table_name="runtime_jobs")
    op.drop_table("runtime_jobs")
    op.drop_table("releases")
    op.drop_index(op.f("ix_operations_target_id"), table_name="operations")
    op.drop_index(op.f("ix_operations_state_id"), table_name="operations")
    op.drop_table("operations")
    op.drop_table("operation_workers")
    op.drop_index("ix_journal_stack_plan", table_name="journal")
    op.drop_table("journal")
    op.drop_index(op.f("ix_identity_memberships_account"), table_name="identity_memberships")
    op.drop_table("identity_memberships")
    op.drop_index(op.f("ix_identity_login_attempts_last_at"), table_name="identity_login_attempts")
    op.drop_table("identity_login_attempts")
    op.drop_index(op.f("ix_identity_grants_role_scope"), table_name="identity_grants")
    op.drop_table("identity_grants")
    op.drop_table("identity_accounts")
    op.drop_table("gateway_version")
    op.drop_table("gateway_routes")
    op.drop_index(op.f("ix_gateway_endpoints_local_port"), table_name="gateway_endpoints")
    op.drop_table("gateway_endpoints")
    op.drop_table("gateway_backends")
    op.drop_table("events")
    op.drop_index(op.f("ix_config_secrets_stack"), table_name="config_secrets")
    op.drop_table("config_secrets")
    op.drop_index(op.f("ix_catalog_entities_kind"), table_name="catalog_entities")
    op.drop_table("catalog_entities")
    op.drop_index(op.f("ix_catalog_claims_ref"), table_name="catalog_claims")
    op.drop_table("catalog_claims")
    op.drop_index(op.f("ix_builds_source"), table_name="builds")
    op.drop_index(op.f("ix_builds_created_at"), table_name="builds")
    op.drop_table("builds")
    op.drop_index(op.f("ix_audit_records_target_name_id"), table_name="audit_records")
    op.drop_index(op.f("ix_audit_records_principal_id"), table_name="audit_records")
    op.drop_index(op.f("ix_audit_records_owner_id"), table_name="audit_records")
    op.drop_table("audit_records")
    op.execute("DROP FUNCTION audit_records_append_only()")
    op.drop_index(op.f("ix_applications_application"), table_name="applications")
    op.drop_table("applications")
