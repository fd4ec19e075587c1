"""The catalog's tables: what sources claim, the entities that follow from it, and what is searched for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class ClaimRow(Base):
    """A source, a file or a URN, says that there is such an entity. `generated`: nobody wrote the descriptor."""

    __tablename__ = "catalog_claims"

    source: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    document: Mapped[dict[str, Any]]
    owner: Mapped[str | None]
    line: Mapped[int | None]
    generated: Mapped[bool] = mapped_column(default=False)
    orphan: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime]

    __table_args__ = (Index(None, "ref"),)


class EntityRow(Base):
    """What the catalog shows: the best of the claims to one reference, in lower case."""

    __tablename__ = "catalog_entities"

    ref: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    source: Mapped[str]
    owner: Mapped[str | None]
    document: Mapped[dict[str, Any]]
    orphan: Mapped[bool]
    updated_at: Mapped[datetime]

    __table_args__ = (Index(None, "kind"),)


class TermRow(Base):
    """A key and a value that a filter finds an entity by."""

    __tablename__ = "catalog_terms"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("catalog_entities.ref", ondelete="CASCADE"), index=True)
    key: Mapped[str]
    value: Mapped[str | None]

    __table_args__ = (Index(None, "key", "value"),)


class RelationRow(Base):
    """One direction of a relation that the entity `declared_by` declares; the other ends need not exist."""

    __tablename__ = "catalog_relations"

    source: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    declared_by: Mapped[str] = mapped_column(
        ForeignKey("catalog_entities.ref", ondelete="CASCADE"), primary_key=True, index=True
    )
