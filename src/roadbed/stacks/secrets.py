"""The secrets of modules: what an operator sets under the names that a program says. Values go in, and never out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roadbed.delivery.config_secrets import ConfigSecrets
from roadbed.engine.editing import StateEditor
from roadbed.engine.expressions.named_secrets import SetSecrets
from roadbed.engine.known import secret_context
from roadbed.engine.service import StackInfo
from roadbed.kit.access import Authorise
from roadbed.kit.clock import Clock
from roadbed.kit.errors import NotFound
from roadbed.kit.ids import new_id
from roadbed.secrets.errors import CannotOpen
from roadbed.secrets.service import Secrets
from roadbed.stacks import repository
from roadbed.stacks.domain import StackSecret, check_secret_name
from roadbed.storage.call import Call


class HeldSecrets:
    """The engine's `SecretStore`: for applications what their settings name, for modules what was set here."""

    def __init__(self, authorise: Authorise, config: ConfigSecrets) -> None:
        self._authorise, self._config = authorise, config

    async def held(self, call: Call, stack: StackInfo) -> Mapping[str, str]:
        """Id → sealed value."""
        self._authorise(call.principal, "stack.view", stack.target)
        own = await repository.secrets(call.session, str(stack.name))
        return {**await self._config.held(call, stack), **{one.id: one.sealed for one in own}}


class ModuleSecrets:
    """Setting one is a change of the stack: what was planned with the value before can't be applied any more."""

    def __init__(self, authorise: Authorise, editor: StateEditor, secrets: Secrets, clock: Clock) -> None:
        self._authorise, self._editor = authorise, editor
        self._secrets, self._clock = secrets, clock

    async def list(self, call: Call, stack: StackInfo) -> Sequence[StackSecret]:
        """By name."""
        self._authorise(call.principal, "stack.view", stack.target)
        return await repository.secrets(call.session, str(stack.name))

    async def named(self, call: Call, stack: StackInfo) -> SetSecrets:
        """As the names in a program are looked up."""
        ids = {one.name: one.id for one in await self.list(call, stack)}
        return SetSecrets(str(stack.name), ids, f"roadbed stack secrets {stack.name} set")

    async def set(self, call: Call, stack: StackInfo, name: str, value: str) -> bool:
        """False when it has this value already: then nothing is done."""
        self._authorise(call.principal, "secret.seal", stack.target)
        check_secret_name(name)
        before = await repository.secret(call.session, str(stack.name), name)
        if before is not None and self._holds(before, value):
            return False
        await self._editor.secrets_changed(call, stack, {"set": [name]})
        id_ = new_id("secret")
        sealed = self._secrets.seal(value, context=secret_context(str(stack.name), id_))
        made = StackSecret(str(stack.name), name, id_, sealed, self._clock.now(), str(call.principal))
        await repository.save_secret(call.session, made)
        return True

    async def unset(self, call: Call, stack: StackInfo, name: str) -> None:
        """Raises NotFound for one that isn't set. What was made with its value stays as it is."""
        self._authorise(call.principal, "secret.seal", stack.target)
        if await repository.secret(call.session, str(stack.name), name) is None:
            raise NotFound(
                f"{stack.name} has no secret {name!r} to unset", hint=f"see: roadbed stack secrets {stack.name}"
            )
        await self._editor.secrets_changed(call, stack, {"unset": [name]})
        await repository.remove_secret(call.session, str(stack.name), name)

    def _holds(self, secret: StackSecret, value: str) -> bool:
        """Not when it can't be opened any more either: then setting it is what mends that."""
        try:
            return self._secrets.open(secret.sealed, context=secret_context(secret.stack, secret.id)) == value
        except CannotOpen:
            return False
