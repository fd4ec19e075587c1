"""The SQL of identity."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.identity.tables import (
    AccountRow,
    GrantRow,
    LoginAttemptRow,
    LoginCodeRow,
    MembershipRow,
    SessionRow,
    TokenRow,
)

_OWNERS_LOCK = 0x6F776E65  # "owne": any number that no other advisory lock of the platform has


async def account(session: AsyncSession, name: str) -> AccountRow | None:
    return await session.get(AccountRow, name)


async def accounts(session: AsyncSession) -> Sequence[AccountRow]:
    return (await session.scalars(select(AccountRow).order_by(AccountRow.name))).all()


async def any_account(session: AsyncSession) -> bool:
    return await session.scalar(select(AccountRow.name).limit(1)) is not None


async def groups_of(session: AsyncSession, name: str) -> frozenset[str]:
    return frozenset(await session.scalars(select(MembershipRow.group).where(MembershipRow.account == name)))


async def grants_to(session: AsyncSession, subjects: Collection[str]) -> Sequence[GrantRow]:
    query = select(GrantRow).where(GrantRow.subject.in_(subjects))
    return (await session.scalars(query.order_by(GrantRow.id))).all()


async def grants(session: AsyncSession, scopes: Collection[str] | None) -> Sequence[GrantRow]:
    """Those within some scopes, or all of them for None."""
    query = select(GrantRow).order_by(GrantRow.id)
    if scopes is not None:
        query = query.where(GrantRow.scope.in_(scopes))
    return (await session.scalars(query)).all()


async def grant(session: AsyncSession, id_: str) -> GrantRow | None:
    return await session.get(GrantRow, id_)


async def find_grant(session: AsyncSession, subject: str, role: str, scope: str) -> GrantRow | None:
    return await session.scalar(select(GrantRow).filter_by(subject=subject, role=role, scope=scope))


async def lock_owners(session: AsyncSession) -> None:
    """One at a time may take away ownership, until the end of the transaction: two at once could leave nobody."""
    await session.execute(select(func.pg_advisory_xact_lock(_OWNERS_LOCK)))


async def active_owners(session: AsyncSession, scope: str) -> frozenset[str]:
    """The active people who are owners within exactly this scope, directly or through a group."""
    subjects = select(GrantRow.subject).where(GrantRow.role == "owner", GrantRow.scope == scope)
    through = select(MembershipRow.account).where(MembershipRow.group.in_(subjects))
    query = select(AccountRow.name).where(
        AccountRow.disabled_at.is_(None),
        AccountRow.kind == "user",
        (func.concat("user:", AccountRow.name).in_(subjects)) | AccountRow.name.in_(through),
    )
    return frozenset(await session.scalars(query))


async def token(session: AsyncSession, id_: str) -> TokenRow | None:
    return await session.get(TokenRow, id_)


async def tokens(session: AsyncSession, account_name: str | None) -> Sequence[TokenRow]:
    """The newest first; of one account, or of all for None."""
    query = select(TokenRow).order_by(TokenRow.id.desc())
    if account_name is not None:
        query = query.where(TokenRow.account == account_name)
    return (await session.scalars(query)).all()


async def revoke_tokens(session: AsyncSession, account_name: str, at: datetime) -> None:
    query = update(TokenRow).where(TokenRow.account == account_name, TokenRow.revoked_at.is_(None))
    await session.execute(query.values(revoked_at=at))


async def portal_session(session: AsyncSession, cookie_hash: bytes) -> SessionRow | None:
    return await session.get(SessionRow, cookie_hash)


async def end_session(session: AsyncSession, cookie_hash: bytes) -> str | None:
    """The account whose session it was, None if there was none."""
    query = delete(SessionRow).where(SessionRow.cookie_hash == cookie_hash)
    return cast(str | None, await session.scalar(query.returning(SessionRow.account)))


async def end_logins(session: AsyncSession, account_name: str) -> None:
    """Ends the account's sessions and spoils its unused codes."""
    await session.execute(delete(SessionRow).where(SessionRow.account == account_name))
    await session.execute(delete(LoginCodeRow).where(LoginCodeRow.account == account_name))


async def use_code(session: AsyncSession, code_hash: bytes, at: datetime) -> str | None:
    """The account that the code logs in, once. Of two who come at the same time, one gets it."""
    good = (LoginCodeRow.code_hash == code_hash, LoginCodeRow.used_at.is_(None), LoginCodeRow.expires_at > at)
    query = update(LoginCodeRow).where(*good).values(used_at=at).returning(LoginCodeRow.account)
    return cast(str | None, await session.scalar(query))


async def drop_expired(session: AsyncSession, at: datetime) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.expires_at < at))
    await session.execute(delete(LoginCodeRow).where(LoginCodeRow.expires_at < at))


async def attempts(session: AsyncSession, key: bytes, at: datetime) -> LoginAttemptRow:
    """The row of this key, held by this transaction until it ends; made when there was none."""
    empty = {"key": key, "failures": 0, "last_at": at}
    await session.execute(insert(LoginAttemptRow).values(empty).on_conflict_do_nothing())
    query = select(LoginAttemptRow).where(LoginAttemptRow.key == key).with_for_update()
    return (await session.scalars(query)).one()


async def drop_attempts(session: AsyncSession, *, key: bytes | None = None, before: datetime | None = None) -> None:
    query = delete(LoginAttemptRow)
    if key is not None:
        query = query.where(LoginAttemptRow.key == key)
    if before is not None:
        query = query.where(LoginAttemptRow.last_at < before)
    await session.execute(query)


async def replace_memberships(session: AsyncSession, wanted: Iterable[tuple[str, str]]) -> int:
    """Makes (group, account) pairs the only ones. Returns how many were added or removed."""
    target = set(wanted)
    rows = await session.execute(select(MembershipRow.group, MembershipRow.account))
    present = {(group, name) for group, name in rows}
    for group, name in present - target:
        await session.execute(delete(MembershipRow).filter_by(group=group, account=name))
    if added := [{"group": group, "account": name} for group, name in sorted(target - present)]:
        await session.execute(insert(MembershipRow).values(added).on_conflict_do_nothing())
    return len(present ^ target)


async def touch_token(session: AsyncSession, id_: str, at: datetime) -> None:
    await session.execute(update(TokenRow).where(TokenRow.id == id_).values(last_used_at=at))


async def touch_session(session: AsyncSession, cookie_hash: bytes, at: datetime) -> None:
    query = update(SessionRow).where(SessionRow.cookie_hash == cookie_hash)
    await session.execute(query.values(last_used_at=at))
