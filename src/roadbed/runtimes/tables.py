"""The tables of services, their workloads, replicas and rollouts, and of jobs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class ServiceRow(Base):
    """`generations` is the number of the last generation, `creation` the token by which it was made, empty for one that
    is older than that; the rest is `domain.Service`.
    """

    __tablename__ = "runtime_services"

    key: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str | None]
    target: Mapped[int | None]
    active: Mapped[int | None]
    generations: Mapped[int]
    replicas: Mapped[int]
    active_replicas: Mapped[int]
    release: Mapped[int | None]
    routed: Mapped[list[str]]
    removed: Mapped[bool]
    listens: Mapped[bool]
    creation: Mapped[str] = mapped_column(server_default="")


class WorkloadRow(Base):
    """What a generation runs. It holds secrets, so all of it is sealed."""

    __tablename__ = "runtime_workloads"

    key: Mapped[str] = mapped_column(ForeignKey("runtime_services.key", ondelete="CASCADE"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True)
    release: Mapped[int | None]
    sealed: Mapped[str]


class ReplicaRow(Base):
    """Also those that ended, as long as their logs are kept."""

    __tablename__ = "runtime_replicas"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(ForeignKey("runtime_services.key", ondelete="CASCADE"))
    generation: Mapped[int]
    release: Mapped[int | None]
    state: Mapped[str]
    attempt: Mapped[int]
    since: Mapped[datetime]
    created_at: Mapped[datetime]
    failures: Mapped[int]
    restarts: Mapped[int]
    started_at: Mapped[datetime | None]
    unrouted_at: Mapped[datetime | None]
    host: Mapped[str | None]
    port: Mapped[int | None]
    code: Mapped[int | None]
    reason: Mapped[str | None]
    own_ports: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")

    __table_args__ = (Index(None, "key", "created_at"),)


class RolloutRow(Base):
    __tablename__ = "runtime_rollouts"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(ForeignKey("runtime_services.key", ondelete="CASCADE"))
    generation: Mapped[int]
    replicas: Mapped[int]
    release: Mapped[int | None]
    started_at: Mapped[datetime]
    deadline: Mapped[datetime]
    outcome: Mapped[str]
    finished_at: Mapped[datetime | None]
    message: Mapped[str | None]

    __table_args__ = (Index(None, "key", "started_at"),)


class JobRow(Base):
    __tablename__ = "runtime_jobs"

    id: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str] = mapped_column(index=True)
    workload: Mapped[str]
    release: Mapped[int | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    code: Mapped[int | None]
    creation: Mapped[str] = mapped_column(server_default="")
