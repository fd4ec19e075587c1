"""Gates for tests: one that is open, and the people whose roles a real one asks for."""

from __future__ import annotations

from roadbed.engine.domain import Plan
from roadbed.engine.stack_info import StackInfo
from roadbed.kit.access import Principal
from roadbed.kit.errors import NotFound
from roadbed.policy.domain import Need
from roadbed.storage.call import Call


class OpenGate:
    """Nobody must approve anything."""

    async def check(self, call: Call, stack: StackInfo, plan: Plan) -> None: ...

    async def needs(self, call: Call, stack: StackInfo, plan: Plan) -> tuple[Need, ...]:
        return ()


class People:
    """Accounts with the roles of now: what identity knows. One that is not there has none."""

    def __init__(self, *known: Principal) -> None:
        self.known = {one.name: one for one in known}

    async def principal(self, call: Call, name: str) -> Principal:
        if name not in self.known:
            raise NotFound(f"there is no account {name}")
        return self.known[name]
