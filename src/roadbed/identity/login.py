"""Proving who one is, with a password or a one-time code. The only door that nobody in particular may knock on."""

from __future__ import annotations

import hashlib
import math
from datetime import timedelta

from roadbed.identity import repository
from roadbed.identity.credentials import digest, new_secret
from roadbed.identity.desk import Desk, account_target
from roadbed.identity.domain import NewCode, wait_after
from roadbed.identity.errors import TooManyAttempts
from roadbed.identity.passwords import Passwords
from roadbed.identity.tables import AccountRow, LoginCodeRow
from roadbed.kit.access import Principal
from roadbed.kit.errors import RoadbedError, Unauthenticated
from roadbed.storage.call import Call

_FORGOTTEN_AFTER = timedelta(days=1)
_LONGEST_NAME = 100


class Logins:
    """Each failure is counted and audited in a transaction of its own, since the caller's ends with it."""

    def __init__(self, desk: Desk, passwords: Passwords) -> None:
        self._desk = desk
        self._passwords = passwords

    async def with_password(self, call: Call, name: str, password: str, *, address: str = "") -> Principal:
        """Who that is. `address` is where the try comes from: wrong tries are counted for both together.

        Raises Unauthenticated, the same one whatever was wrong, and TooManyAttempts.
        """
        key = _attempt_key(name, address)
        await self._take_attempt(key, name, address)
        row = await repository.account(call.session, name)
        stored = row.password_hash if row is not None and row.disabled_at is None else None
        if not await self._passwords.verify(password, stored) or row is None or stored is None:
            error = Unauthenticated("wrong user name or password", hint="check both and try again")
            await self._refuse(name, address, error)
            raise error
        async with self._desk.database.session() as session:  # not the caller's: it would hold the row till its end
            await repository.drop_attempts(session, key=key)
        if self._passwords.outdated(stored):
            row.password_hash = await self._passwords.hash(password)
        return await self._welcome(call, row, "password", address)

    async def with_code(self, call: Call, code: str, *, address: str = "") -> Principal:
        """Who the one-time code was made for. It is used up by this. Raises Unauthenticated."""
        now = self._desk.clock.now()
        name = await repository.use_code(call.session, digest(code), now)
        if name is None:
            error = Unauthenticated(
                "this login link was used already, or is too old",
                hint="ask for a new one, or log in with your password",
            )
            await self._refuse("unknown", address, error)
            raise error
        row = await self._desk.active_account(call, name)
        return await self._welcome(call, row, "one-time code", address)

    async def new_code(self, call: Call) -> NewCode:
        """A code that logs the caller in in another place (a browser), once."""
        principal = call.principal
        name = principal.name if principal else ""
        self._desk.authorise(principal, "token.manage", account_target(name, principal.kind if principal else "user"))
        code = await self.issue_code(call, name)
        await self._desk.audit.record(call, "login_code.create", account_target(name))
        return code

    async def issue_code(self, call: Call, name: str) -> NewCode:
        """A code for an account. Whoever calls this has authorised it."""
        now = self._desk.clock.now()
        await repository.drop_expired(call.session, now)
        code, expires_at = new_secret(), now + timedelta(minutes=self._desk.settings.code_minutes)
        call.session.add(LoginCodeRow(code_hash=digest(code), account=name, expires_at=expires_at))
        await call.session.flush()
        return NewCode(code, expires_at)

    async def _take_attempt(self, key: bytes, name: str, address: str) -> None:
        """Counts the try as failed before it is checked: a hundred at the same time can't all be the fifth."""
        now = self._desk.clock.now()
        async with self._desk.database.session() as session:
            await repository.drop_attempts(session, before=now - _FORGOTTEN_AFTER)
            attempt = await repository.attempts(session, key, now)
            allowed_at = attempt.last_at + wait_after(attempt.failures, self._desk.settings.login_attempts)
            if now >= allowed_at:
                attempt.failures, attempt.last_at = attempt.failures + 1, now
                return
        error = TooManyAttempts(math.ceil((allowed_at - now).total_seconds()))
        await self._refuse(name, address, error)
        raise error

    async def _welcome(self, call: Call, row: AccountRow, way: str, address: str) -> Principal:
        principal = await self._desk.principal(call, row)
        detail = {"way": way, "address": address}
        await self._desk.audit.record(call.as_(principal), "user.login", account_target(row.name), detail=detail)
        return principal

    async def _refuse(self, name: str, address: str, error: RoadbedError) -> None:
        detail = {"address": address, "reason": error.message}
        async with self._desk.database.call(None) as own:
            target = account_target(name[:_LONGEST_NAME])
            await self._desk.audit.record(own, "user.login", target, outcome="refused", detail=detail)


def _attempt_key(name: str, address: str) -> bytes:
    return hashlib.sha256(f"{name}\0{address}".encode()).digest()
