"""Which applications there are, and whose they are."""

from __future__ import annotations

import difflib
from dataclasses import replace

from roadbed.delivery import repository
from roadbed.delivery.planning import Planning, application_target
from roadbed.delivery.repository import Record
from roadbed.engine.service import StackInfo
from roadbed.kit.access import Authorise, Target, may, require_somebody
from roadbed.kit.errors import Conflict, NotFound, Refused
from roadbed.kit.names import StackName, check_label
from roadbed.storage.call import Call

_SAY_WHOSE = "say in roadbed.yaml which team owns it: metadata: {owner: group:default/TEAM}"


class Directory:
    def __init__(self, authorise: Authorise, planning: Planning) -> None:
        self._authorise, self._planning = authorise, planning

    async def known(self, call: Call, name: str, environment: str, action: str) -> tuple[Record, StackInfo]:
        """The application, if there is one and the caller may do this with it."""
        kind = (await self._planning.environment(call, environment)).kind
        record = await repository.application(call.session, StackName(name, environment))
        if record is None:
            raise await self._unknown(call, name, environment)
        try:
            self._authorise(call.principal, action, application_target(record.stack, record.owner, kind))
        except NotFound:  # said in the words of one that there isn't, which it is to them
            raise await self._unknown(call, name, environment) from None
        return record, StackInfo(record.stack, record.owner, kind)

    async def _unknown(self, call: Call, name: str, environment: str) -> NotFound:
        visible = [
            record.stack
            for record in await repository.applications(call.session)
            if may(self._authorise, call.principal, "application.view", _seen(record))
        ]
        elsewhere = sorted(stack.environment for stack in visible if stack.owner == name)
        near = difflib.get_close_matches(
            name, [stack.owner for stack in visible if stack.environment == environment], 1
        )
        hint = "see what there is: roadbed apps"
        if elsewhere:
            hint = f"it is in: {', '.join(elsewhere)} (choose with -e)"
        elif near:
            hint = f"did you mean {near[0]!r}?"
        return NotFound(f"there is no application {name!r} in {environment}", hint=hint)

    async def owner(self, call: Call, name: str, declared: str | None) -> str | None:
        """Who owns it: what the files say; else who has owned it; else the caller's only team, or the caller."""
        if declared is not None:
            return declared
        earlier = await repository.owners(call.session, name)
        if earlier:
            return sorted(owner for owner in earlier if owner)[0] if any(earlier) else None
        if call.principal is None:
            return None
        groups = sorted(call.principal.groups)
        return groups[0] if len(groups) == 1 else _own(call)

    async def check_ownership(self, call: Call, name: str, environment: str, owner: str | None) -> None:
        """Who has owned the name, in whatever environment, must let it go; who is to own it must take it."""
        earlier = await repository.owners(call.session, name)
        if not earlier:
            await self._planning.check_free(call, name)
        kind = (await self._planning.environment(call, environment)).kind
        for other in earlier - {owner}:
            target = application_target(StackName(name, environment), other, kind)
            self._authorise(call.principal, "application.deploy", target)
        if owner not in earlier:
            target = application_target(StackName(name, environment), owner, kind)
            try:
                self._authorise(call.principal, "application.create", target)
            except Refused as error:  # nobody has a role over what is a person's own: no file said whose it is
                if owner == _own(call):
                    error.problem = replace(error.problem, hint=_SAY_WHOSE)
                raise

    async def check_new(self, call: Call, name: str, environment: str, owner: str | None) -> None:
        """Raises what keeps a new application from being deployed: no such environment, a name that is taken."""
        check_label(name, "the application")
        kind = (await self._planning.environment(call, environment)).kind
        stack = StackName(name, environment)
        self._authorise(call.principal, "application.create", application_target(stack, owner, kind))
        if await self.exists(call, name):
            raise Conflict(f"there is an application {name!r} already", hint="choose another name")
        await self._planning.check_free(call, name)

    async def exists(self, call: Call, name: str) -> bool:
        """Whether the name is taken in any environment, also by what the caller may not see."""
        require_somebody(call.principal)
        return bool(await repository.owners(call.session, name))


def _own(call: Call) -> str | None:
    return f"user:default/{call.principal.name}" if call.principal else None


def _seen(record: Record) -> Target:
    return Target("application", record.stack.owner, record.owner, record.stack.environment)
