"""What the gateway is told. Keys are URNs; `owner` is the group that owns the stack, for who may see it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class GatewayVersionRow(Base):
    """One row, counted up with each change. Its lock lasts until a change is committed: changes happen one by one."""

    __tablename__ = "gateway_version"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


class RouteRow(Base):
    __tablename__ = "gateway_routes"
    __table_args__ = (UniqueConstraint("host", "path"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    path: Mapped[str]
    service: Mapped[str]
    port: Mapped[str]
    owner: Mapped[str | None]


class EndpointRow(Base):
    """Endpoints that lead to the same upstream share a port."""

    __tablename__ = "gateway_endpoints"
    __table_args__ = (Index(None, "local_port"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    local_port: Mapped[int]
    service: Mapped[str]
    port: Mapped[str]
    owner: Mapped[str | None]


class BackendRow(Base):
    __tablename__ = "gateway_backends"

    service: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    port: Mapped[int]
