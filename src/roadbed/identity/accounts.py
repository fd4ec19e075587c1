"""Accounts of people and of programs, and the first one."""

from __future__ import annotations

from collections.abc import Sequence

from roadbed.identity import repository
from roadbed.identity.desk import Desk, account_of, account_target, existing_account
from roadbed.identity.domain import Account, AccountKind, Bootstrap, check_name, check_password
from roadbed.identity.login import Logins
from roadbed.identity.passwords import Passwords
from roadbed.identity.tables import AccountRow, GrantRow
from roadbed.identity.tokens import Tokens
from roadbed.kit.access import EVERYTHING, Principal
from roadbed.kit.errors import Conflict, InvalidInput, NotFound, Refused
from roadbed.kit.ids import new_id
from roadbed.storage.call import Call


class Accounts:
    """Owners of the platform manage accounts; everybody sees the own one and sets its password."""

    def __init__(self, desk: Desk, passwords: Passwords, tokens: Tokens, logins: Logins) -> None:
        self._desk = desk
        self._passwords = passwords
        self._tokens = tokens
        self._logins = logins

    async def list(self, call: Call) -> Sequence[Account]:
        self._desk.authorise(call.principal, "user.view", account_target(EVERYTHING))
        return [account_of(row) for row in await repository.accounts(call.session)]

    async def get(self, call: Call, name: str) -> Account:
        row = await repository.account(call.session, name)
        self._desk.authorise(call.principal, "user.view", account_target(name, row.kind if row else "user"))
        if row is None:
            raise NotFound(f"there is no account {name}")
        return account_of(row)

    async def principal(self, call: Call, name: str) -> Principal:
        """The account as who asks, with today's groups and roles: for work that goes on after a request."""
        row = await repository.account(call.session, name)
        self._desk.authorise(call.principal, "user.view", account_target(name, row.kind if row else "user"))
        return await self._desk.principal(call, await self._desk.active_account(call, name))

    async def create(
        self,
        call: Call,
        name: str,
        *,
        kind: AccountKind = "user",
        display_name: str | None = None,
        password: str | None = None,
    ) -> Account:
        """An account without any role. Without a password it is entered with tokens and one-time codes alone.

        Raises InvalidInput, and Conflict when the name is taken.
        """
        self._desk.authorise(call.principal, "user.manage", account_target(EVERYTHING))
        if kind == "service" and password is not None:
            raise InvalidInput("a service account has no password", hint="give it a token")
        account = await self._add(call, name, kind=kind, display_name=display_name, password=password)
        await self._desk.audit.record(call, "user.create", account_target(name, kind), detail={"kind": kind})
        return account

    async def set_password(self, call: Call, name: str, password: str, *, current: str | None = None) -> None:
        """The own one, which takes the current one where there is one; or another's, for owners of the platform.

        Ends all sessions of the account: somebody who changes a password may have lost it. Tokens stay.
        """
        own = call.principal is not None and str(call.principal) == f"user:{name}"
        action = "user.view" if own else "user.manage"
        self._desk.authorise(call.principal, action, account_target(name))
        row = await existing_account(call, name)
        if row.kind == "service":
            raise InvalidInput("a service account has no password", hint="give it a token")
        if own and row.password_hash and not await self._passwords.verify(current or "", row.password_hash):
            raise Refused("the current password is wrong", hint="an owner of the platform can set a new one")
        row.password_hash = await self._passwords.hash(check_password(password, name))
        await repository.end_logins(call.session, name)
        await self._desk.audit.record(call, "user.set_password", account_target(name))

    async def set_active(self, call: Call, name: str, *, active: bool) -> Account:
        """Disabling ends the account's sessions and revokes its tokens for good. Raises Conflict for the last owner."""
        self._desk.authorise(call.principal, "user.manage", account_target(EVERYTHING))
        await repository.lock_owners(call.session)
        row = await existing_account(call, name)
        now = self._desk.clock.now()
        if not active:
            await _keep_an_owner(call, row)
            await repository.end_logins(call.session, name)
            await repository.revoke_tokens(call.session, name, now)
        row.disabled_at = None if active else row.disabled_at or now
        await call.session.flush()
        action = "user.enable" if active else "user.disable"
        await self._desk.audit.record(call, action, account_target(name, row.kind))
        return account_of(row)

    async def bootstrap(self, call: Call, name: str) -> Bootstrap | None:
        """The first owner, with a token and a one-time code and no password. None when there are accounts already."""
        self._desk.authorise(call.principal, "identity.bootstrap", account_target(EVERYTHING))
        await repository.lock_owners(call.session)
        if await repository.any_account(call.session):
            return None
        account = await self._add(call, name)
        call.session.add(
            GrantRow(
                id=new_id("grant"),
                subject=account.ref,
                role="owner",
                scope=EVERYTHING,
                created_at=self._desk.clock.now(),
                created_by=str(call.principal),
            )
        )
        await self._desk.audit.record(call, "identity.bootstrap", account_target(name))
        return await self._hand_over(call, account)

    async def recover(self, call: Call, name: str) -> Bootstrap:
        """A new token and code for an account, for who holds the platform's files and lost the client's token."""
        self._desk.authorise(call.principal, "identity.bootstrap", account_target(EVERYTHING))
        row = await existing_account(call, name)
        await self._desk.audit.record(call, "identity.recover", account_target(name, row.kind))
        return await self._hand_over(call, account_of(await self._desk.active_account(call, name)))

    async def _hand_over(self, call: Call, account: Account) -> Bootstrap:
        token = await self._tokens.issue(call, account.name, name="this machine", expires_in=None)
        code = await self._logins.issue_code(call, account.name)
        return Bootstrap(account, token.text, code.text)

    async def _add(
        self,
        call: Call,
        name: str,
        *,
        kind: AccountKind = "user",
        display_name: str | None = None,
        password: str | None = None,
    ) -> Account:
        if await repository.account(call.session, check_name(name)):
            raise Conflict(f"there is an account {name} already", hint="choose another name")
        hashed = await self._passwords.hash(check_password(password, name)) if password is not None else None
        row = AccountRow(
            name=name,
            kind=kind,
            display_name=display_name,
            password_hash=hashed,
            created_at=self._desk.clock.now(),
        )
        call.session.add(row)
        await call.session.flush()
        return account_of(row)


async def _keep_an_owner(call: Call, leaving: AccountRow) -> None:
    owners = await repository.active_owners(call.session, EVERYTHING)
    if owners == {leaving.name}:
        raise Conflict(f"{leaving.name} is the last owner of the platform", hint="make somebody else an owner first")
