"""What the parts of identity's service share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from roadbed.audit.service import Audit
from roadbed.identity import repository
from roadbed.identity.domain import Account, AccountKind
from roadbed.identity.settings import IdentitySettings
from roadbed.identity.tables import AccountRow
from roadbed.kit.access import EVERYTHING, Authorise, Grant, Principal, Role, Target
from roadbed.kit.clock import Clock
from roadbed.kit.errors import NotFound, Unauthenticated
from roadbed.storage.call import Call
from roadbed.storage.database import Database


@dataclass(frozen=True, slots=True)
class Desk:
    """`database` is for what must stay when the caller's transaction doesn't: failed logins."""

    database: Database
    authorise: Authorise
    audit: Audit
    clock: Clock
    settings: IdentitySettings

    async def principal(self, call: Call, row: AccountRow) -> Principal:
        """Who an account acts as, with the groups and roles of this moment."""
        groups = await repository.groups_of(call.session, row.name)
        grants = await repository.grants_to(call.session, (f"{row.kind}:{row.name}", *groups))
        held = tuple(dict.fromkeys(Grant(cast(Role, grant.role), grant.scope) for grant in grants))
        return Principal(cast(AccountKind, row.kind), row.name, groups, held)

    async def active_account(self, call: Call, name: str) -> AccountRow:
        """Raises Unauthenticated for an account that was disabled."""
        row = await repository.account(call.session, name)
        if row is None or row.disabled_at is not None:
            raise Unauthenticated(f"the account {name} is disabled", hint="ask an owner of the platform")
        return row


async def existing_account(call: Call, name: str) -> AccountRow:
    row = await repository.account(call.session, name)
    if row is None:
        raise NotFound(f"there is no account {name}", hint="see the accounts with GET /api/v1/users")
    return row


def account_target(name: str, kind: str = "user") -> Target:
    """The account as what an action is about: its own holder may do some of them."""
    return Target("user", name, attributes={"user": f"{kind}:{name}"} if name != EVERYTHING else {})


def account_of(row: AccountRow) -> Account:
    return Account(
        name=row.name,
        kind=cast(AccountKind, row.kind),
        display_name=row.display_name,
        created_at=row.created_at,
        active=row.disabled_at is None,
        has_password=row.password_hash is not None,
    )
