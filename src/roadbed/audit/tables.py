"""The audit table. Rows are only ever added: a trigger refuses everything else, whoever is connected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Identity, Index, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class AuditRecord(Base):
    """`id` counts up in the order of writing and is the cursor of a page."""

    __tablename__ = "audit_records"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    principal: Mapped[str]
    action: Mapped[str]
    target_type: Mapped[str]
    target_name: Mapped[str]
    owner: Mapped[str | None]
    environment: Mapped[str | None]
    outcome: Mapped[str]
    detail: Mapped[dict[str, Any]]

    __table_args__ = (
        Index(None, "target_name", "id"),
        Index(None, "principal", "id"),
        Index(None, "owner", "id"),
    )


APPEND_ONLY = (
    """
    CREATE OR REPLACE FUNCTION audit_records_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit records are append-only';
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER audit_records_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_records
    FOR EACH STATEMENT EXECUTE FUNCTION audit_records_append_only()
    """,
)
"""What a migration executes after it has made the table; `create_all` does it by the listener below."""


@event.listens_for(AuditRecord.__table__, "after_create")
def _make_append_only(_table: Table, connection: Connection, **_: object) -> None:
    for statement in APPEND_ONLY:
        connection.exec_driver_sql(statement)
