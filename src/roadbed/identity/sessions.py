"""Logins in the portal."""

from __future__ import annotations

from datetime import timedelta

from roadbed.identity import repository
from roadbed.identity.credentials import csrf_token, digest, new_secret
from roadbed.identity.desk import Desk, account_target
from roadbed.identity.domain import Session
from roadbed.identity.login import Logins
from roadbed.identity.tables import SessionRow
from roadbed.kit.errors import Unauthenticated
from roadbed.storage.call import Call

SESSION_COOKIE = "roadbed_session"
"""Set it HttpOnly, SameSite=Lax, Path=/, without Domain (so no application below the host gets it), Secure on HTTPS."""

_TOUCH_EVERY = timedelta(minutes=1)


class Sessions:
    """A session is known by the secret in its cookie; the database holds that secret's hash."""

    def __init__(self, desk: Desk, logins: Logins) -> None:
        self._desk = desk
        self._logins = logins

    async def log_in(self, call: Call, username: str, password: str, *, address: str = "") -> str:
        """The secret for the cookie. Raises as Logins.with_password."""
        principal = await self._logins.with_password(call, username, password, address=address)
        return await self.open(call.as_(principal))

    async def redeem(self, call: Call, code: str, *, address: str = "") -> str:
        """The secret for the cookie. Raises as Logins.with_code."""
        principal = await self._logins.with_code(call, code, address=address)
        return await self.open(call.as_(principal))

    async def open(self, call: Call) -> str:
        """A session of the caller. Returns the secret for its cookie."""
        if call.principal is None:
            raise Unauthenticated("you are not logged in", hint="log in with `roadbed login`")
        now, secret = self._desk.clock.now(), new_secret()
        expires_at = now + timedelta(hours=self._desk.settings.session_hours)
        call.session.add(
            SessionRow(
                cookie_hash=digest(secret),
                account=call.principal.name,
                created_at=now,
                expires_at=expires_at,
                last_used_at=now,
            )
        )
        await call.session.flush()
        return secret

    async def session(self, call: Call, secret: str) -> Session | None:
        """Who the cookie's secret stands for, None when the session ended, expired, or its account was disabled."""
        key, now = digest(secret), self._desk.clock.now()
        row = await repository.portal_session(call.session, key)
        idle = timedelta(hours=self._desk.settings.session_idle_hours)
        if row is None or row.expires_at <= now or row.last_used_at + idle <= now:
            return None
        account = await repository.account(call.session, row.account)
        if account is None or account.disabled_at is not None:
            return None
        if now - row.last_used_at >= _TOUCH_EVERY:
            await repository.touch_session(call.session, key, now)
        return Session(await self._desk.principal(call, account), csrf_token(secret), row.expires_at)

    async def log_out(self, call: Call, secret: str) -> None:
        """Ends the session of this secret, which only its holder knows. Nothing happens when there is none."""
        name = await repository.end_session(call.session, digest(secret))
        if name is not None:
            await self._desk.audit.record(call, "user.logout", account_target(name))
