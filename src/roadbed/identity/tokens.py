"""API tokens: made, shown, revoked, recognised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from roadbed.identity import repository
from roadbed.identity.credentials import digest, new_token, same, split_token, token_text
from roadbed.identity.desk import Desk, existing_account
from roadbed.identity.domain import NewToken, Token
from roadbed.identity.tables import TokenRow
from roadbed.kit.access import Principal, Target
from roadbed.kit.errors import InvalidInput, NotFound, Unauthenticated
from roadbed.storage.call import Call

_TOUCH_EVERY = timedelta(minutes=1)
"""`last_used_at` is for people; a write on each request would be for nobody."""
_LONGEST_LIFE = timedelta(days=3660)


class Tokens:
    """Everybody manages the own tokens; owners of the platform also those of others."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def create(
        self, call: Call, *, name: str, expires_in: timedelta | None = None, user: str | None = None
    ) -> NewToken:
        """A token for `user`, the caller by default. It can do what its account can, until it expires or is revoked."""
        if call.principal is None or (user or call.principal.name) != call.principal.name:
            self._desk.authorise(call.principal, "token.manage", Target("token"))
            account = await existing_account(call, user or "")
            owner, kind = account.name, account.kind
        else:
            owner, kind = call.principal.name, call.principal.kind
            self._desk.authorise(call.principal, "token.manage", _target("*", f"{kind}:{owner}"))
        await self._desk.active_account(call, owner)
        created = await self.issue(call, owner, name=name, expires_in=expires_in)
        target = _target(created.token.id, f"{kind}:{owner}")
        await self._desk.audit.record(call, "token.create", target, detail={"name": name, "account": owner})
        return created

    async def for_login(self, call: Call) -> NewToken:
        """The token that a login answers with."""
        return await self.create(call, name="login", expires_in=timedelta(days=self._desk.settings.login_days))

    async def issue(self, call: Call, account: str, *, name: str, expires_in: timedelta | None) -> NewToken:
        """A token for an account. Whoever calls this has authorised it."""
        if expires_in is not None and not timedelta(0) < expires_in <= _LONGEST_LIFE:
            raise InvalidInput("a token's life lies in the future and ends within ten years")
        now = self._desk.clock.now()
        id_, secret = new_token()
        row = TokenRow(
            id=id_,
            account=account,
            name=name,
            secret_hash=digest(secret),
            created_at=now,
            expires_at=now + expires_in if expires_in else None,
        )
        call.session.add(row)
        await call.session.flush()
        return NewToken(_token(row), token_text(id_, secret))

    async def list(self, call: Call, *, user: str | None = None) -> Sequence[Token]:
        """The newest first: the caller's own, those of `user`, or with `user="*"` everybody's."""
        wanted = user or (call.principal.name if call.principal else "")
        if call.principal is not None and wanted == call.principal.name:
            self._desk.authorise(call.principal, "token.view", _target("*", str(call.principal)))
        else:
            self._desk.authorise(call.principal, "token.view", Target("token"))
        rows = await repository.tokens(call.session, None if wanted == "*" else wanted)
        return [_token(row) for row in rows]

    async def revoke(self, call: Call, id_: str) -> None:
        """It is refused from now on. Raises NotFound, also for the token of another."""
        row = await repository.token(call.session, id_)
        kind = "user"
        if row is not None:
            kind = (await existing_account(call, row.account)).kind
        target = _target(id_, f"{kind}:{row.account}") if row is not None else Target("token", id_)
        self._desk.authorise(call.principal, "token.manage", target)
        if row is None:
            raise NotFound(f"there is no token {id_}", hint="see yours with GET /api/v1/tokens")
        if row.revoked_at is None:
            row.revoked_at = self._desk.clock.now()
            await self._desk.audit.record(call, "token.revoke", target, detail={"name": row.name})

    async def authenticate(self, call: Call, text: str) -> Principal:
        """Who holds the token. Raises Unauthenticated, which says what is wrong only to who knows the secret."""
        parts = split_token(text)
        row = await repository.token(call.session, parts[0]) if parts else None
        if parts is None or row is None or not same(parts[1], row.secret_hash):
            raise Unauthenticated("this token is not known here", hint="log in with `roadbed login`")
        now = self._desk.clock.now()
        if row.revoked_at is not None:
            raise Unauthenticated("this token was revoked", hint="log in with `roadbed login`")
        if row.expires_at is not None and row.expires_at <= now:
            raise Unauthenticated("this token has expired", hint="log in with `roadbed login`")
        account = await self._desk.active_account(call, row.account)
        if row.last_used_at is None or now - row.last_used_at >= _TOUCH_EVERY:
            await repository.touch_token(call.session, row.id, now)
        return await self._desk.principal(call, account)


def _target(id_: str, user: str) -> Target:
    return Target("token", id_, attributes={"user": user})


def _token(row: TokenRow) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        user=row.account,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
