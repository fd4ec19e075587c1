"""The secret variables of applications, as the engine looks them up while it plans and applies."""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.delivery import repository
from roadbed.kit.access import Authorise, Target
from roadbed.kit.names import StackName
from roadbed.storage.call import Call


class ConfigSecrets:
    """The engine's `SecretStore`."""

    def __init__(self, authorise: Authorise) -> None:
        self._authorise = authorise

    async def held(self, call: Call, stack: StackName) -> Mapping[str, str]:
        """Id → sealed value."""
        record = await repository.application(call.session, stack)
        owner = record.owner if record else None
        self._authorise(call.principal, "stack.view", Target("stack", str(stack), owner, stack.environment))
        return await repository.secrets(call.session, stack)
