"""The secret variables of applications, as the engine looks them up while it plans and applies."""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.delivery import repository
from roadbed.engine.service import StackInfo
from roadbed.kit.access import Authorise
from roadbed.storage.call import Call


class ConfigSecrets:
    """The engine's `SecretStore`, as far as applications go."""

    def __init__(self, authorise: Authorise) -> None:
        self._authorise = authorise

    async def held(self, call: Call, stack: StackInfo) -> Mapping[str, str]:
        """Id → sealed value."""
        self._authorise(call.principal, "stack.view", stack.target)
        return await repository.secrets(call.session, stack.name)
