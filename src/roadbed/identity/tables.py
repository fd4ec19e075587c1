"""Identity's tables. Of every secret only a hash is here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base

_ACCOUNT = "identity_accounts.name"


class AccountRow(Base):
    """`password_hash` is argon2id's text, None for who can't log in with a password."""

    __tablename__ = "identity_accounts"
    __table_args__ = (CheckConstraint("kind IN ('user', 'service')", name="kind"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    display_name: Mapped[str | None]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class TokenRow(Base):
    __tablename__ = "identity_tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(_ACCOUNT), index=True)
    name: Mapped[str]
    secret_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class SessionRow(Base):
    """A login in the portal. The cookie's hash is its key."""

    __tablename__ = "identity_sessions"

    cookie_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(_ACCOUNT), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_used_at: Mapped[datetime]


class LoginCodeRow(Base):
    __tablename__ = "identity_login_codes"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(_ACCOUNT))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class LoginAttemptRow(Base):
    """Tries of one account from one address since the last one that was right. The key is a hash of both."""

    __tablename__ = "identity_login_attempts"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class MembershipRow(Base):
    """Fed by the catalog. The account need not exist: the company's groups are known before everybody logged in."""

    __tablename__ = "identity_memberships"

    group: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True, index=True)


class GrantRow(Base):
    __tablename__ = "identity_grants"
    __table_args__ = (
        UniqueConstraint("subject", "role", "scope"),
        CheckConstraint("role IN ('viewer', 'auditor', 'developer', 'operator', 'owner')", name="role"),
        Index(None, "role", "scope"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    role: Mapped[str]
    scope: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
