"""What is known of the stack's resources: their outputs, the secret ones unsealed when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.engine.domain import Recorded
from roadbed.engine.values import UNKNOWN, Secret, pick
from roadbed.kit.errors import InvalidInput
from roadbed.secrets.service import Secrets


def output_context(urn: str, output: str) -> str:
    """What a sealed output is bound to, so that it can't be moved to another resource."""
    return f"output:{urn}:{output}"


def secret_context(stack: str, name: str) -> str:
    """What a sealed secret of a stack is bound to."""
    return f"secret:{stack}:{name}"


class KnownState:
    """Looks outputs up in a state that an apply goes on changing, and secrets among those held for the stack."""

    def __init__(self, stack: str, state: Mapping[str, Recorded], held: Mapping[str, str], secrets: Secrets) -> None:
        self._stack, self._state, self._held, self._secrets = stack, state, held, secrets

    def output(self, urn: str, output: str) -> Any:
        recorded = self._state.get(urn)
        if recorded is None or recorded.broken:
            return UNKNOWN
        if output in recorded.sealed:
            return Secret(self._secrets.open(recorded.sealed[output], context=output_context(urn, output)))
        try:
            return pick(recorded.outputs, output)
        except (KeyError, IndexError, ValueError, TypeError):
            offered = ", ".join(sorted({*recorded.outputs, *recorded.sealed})) or "none"
            raise InvalidInput(f"{urn} has no output {output!r}", hint=f"its outputs are: {offered}") from None

    def secret(self, name: str) -> Secret:
        if name not in self._held:
            raise InvalidInput(
                f"{self._stack} holds no secret {name!r}",
                hint="set it with `roadbed config APP set NAME=VALUE --secret`",
            )
        return Secret(self._secrets.open(self._held[name], context=secret_context(self._stack, name)))
