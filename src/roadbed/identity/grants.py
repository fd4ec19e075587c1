"""Groups, as the catalog tells of them, and the roles that people and groups hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from roadbed.identity import repository
from roadbed.identity.desk import Desk, existing_account
from roadbed.identity.domain import GrantRecord, check_group, check_name, check_scope
from roadbed.identity.tables import GrantRow
from roadbed.kit.access import EVERYTHING, Role, Target, visible_owners
from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from roadbed.kit.ids import new_id
from roadbed.storage.call import Call


class Grants:
    """Owners of everything grant any role; owners of a group those within it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, call: Call) -> Sequence[GrantRecord]:
        """Those that the caller may manage, the oldest first."""
        scopes = visible_owners(self._desk.authorise, call.principal, "grant.manage", "grant")
        if scopes is not None and not scopes:
            self._desk.authorise(call.principal, "grant.manage", Target("grant"))
        return [_record(row) for row in await repository.grants(call.session, scopes)]

    async def add(self, call: Call, subject: str, role: Role, scope: str = EVERYTHING) -> GrantRecord:
        """Gives a role to `user:ada`, `service:ci` or `group:default/payments`. Doing it again changes nothing."""
        target = _target(subject, role, check_scope(scope))
        self._desk.authorise(call.principal, "grant.manage", target)
        await _check_subject(call, subject)
        if present := await repository.find_grant(call.session, subject, role, scope):
            return _record(present)
        row = GrantRow(
            id=new_id("grant"),
            subject=subject,
            role=role,
            scope=scope,
            created_at=self._desk.clock.now(),
            created_by=str(call.principal),
        )
        call.session.add(row)
        await call.session.flush()
        await self._desk.audit.record(call, "grant.add", target)
        return _record(row)

    async def remove(self, call: Call, id_: str) -> None:
        """Raises Conflict when nobody would own the platform any more."""
        row = await repository.grant(call.session, id_)
        target = _target(row.subject, row.role, row.scope) if row is not None else Target("grant", id_)
        self._desk.authorise(call.principal, "grant.manage", target)
        if row is None:
            raise NotFound(f"there is no grant {id_}", hint="see them with GET /api/v1/grants")
        await repository.lock_owners(call.session)
        await call.session.delete(row)
        await call.session.flush()
        await self._keep_an_owner(call)
        await self._desk.audit.record(call, "grant.remove", target)

    async def sync_groups(self, call: Call, members: Mapping[str, Collection[str]]) -> int:
        """Makes these the only groups: reference → names of accounts (`ada`), subgroups' members included.

        For the catalog's feed. Returns how many memberships changed. Accounts need not exist yet. Raises Conflict when
        nobody would own the platform any more.
        """
        self._desk.authorise(call.principal, "group.sync", Target("group"))
        await repository.lock_owners(call.session)
        owned = await repository.active_owners(call.session, EVERYTHING)
        pairs = {(check_group(group), check_name(name)) for group, names in members.items() for name in names}
        changed = await repository.replace_memberships(call.session, pairs)
        if changed:
            if owned:
                await self._keep_an_owner(call)
            await self._desk.audit.record(call, "group.sync", Target("group"), detail={"changed": changed})
        return changed

    async def _keep_an_owner(self, call: Call) -> None:
        if not await repository.active_owners(call.session, EVERYTHING):
            raise Conflict(
                "nobody would own the platform any more", hint="make somebody else an owner of everything first"
            )


async def _check_subject(call: Call, subject: str) -> None:
    kind, separator, name = subject.partition(":")
    if kind == "group":
        check_group(subject)
    elif separator and kind in ("user", "service"):
        if (await existing_account(call, name)).kind != kind:
            raise NotFound(f"there is no account {subject}")
    else:
        raise InvalidInput(
            f"{subject[:150]!r} can't hold a role", hint="write user:ada, service:ci or group:default/payments"
        )


def _target(subject: str, role: str, scope: str) -> Target:
    return Target("grant", f"{subject} {role} {scope}", owner=None if scope == EVERYTHING else scope)


def _record(row: GrantRow) -> GrantRecord:
    return GrantRecord(
        id=row.id,
        subject=row.subject,
        role=cast(Role, row.role),
        scope=row.scope,
        created_at=row.created_at,
        created_by=row.created_by,
    )
