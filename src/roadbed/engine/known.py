"""What is known to a stack: its resources' outputs and what it imports, the secret ones unsealed when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.engine.domain import Export, Recorded
from roadbed.engine.expressions.values import UNKNOWN, Secret, output_of
from roadbed.kit.errors import InvalidInput
from roadbed.secrets.service import Secrets


def output_context(urn: str, output: str) -> str:
    """What a sealed output is bound to, so that it can't be moved to another resource."""
    return f"output:{urn}:{output}"


def secret_context(stack: str, name: str) -> str:
    """What a sealed secret of a stack is bound to."""
    return f"secret:{stack}:{name}"


def export_context(stack: str, name: str) -> str:
    """What a sealed export of a stack is bound to."""
    return f"export:{stack}:{name}"


class KnownState:
    """Looks outputs up in a state that an apply goes on changing, and secrets among those held for the stack.

    `exported` are the exports of other stacks that the graph uses, by stack and name, those that there are.
    """

    def __init__(
        self,
        stack: str,
        state: Mapping[str, Recorded],
        held: Mapping[str, str],
        secrets: Secrets,
        exported: Mapping[tuple[str, str], Export] | None = None,
    ) -> None:
        self._stack, self._state, self._held, self._secrets = stack, state, held, secrets
        self._exported = exported or {}

    def output(self, urn: str, output: str) -> Any:
        recorded = self._state.get(urn)
        if recorded is None or recorded.broken:
            return UNKNOWN
        if output in recorded.sealed:
            return Secret(self._secrets.open(recorded.sealed[output], context=output_context(urn, output)))
        return output_of(urn, recorded.outputs, output, recorded.sealed)

    def imported(self, stack: str, name: str) -> Any:
        export = self._exported.get((stack, name))
        if export is None:
            raise InvalidInput(
                f"{stack} exports no {name!r}",
                hint=f"see `roadbed stack outputs {stack}`; it may have to be applied first",
            )
        if export.sealed is not None:
            return Secret(self._secrets.open(export.sealed, context=export_context(stack, name)))
        return export.value

    def secret(self, name: str) -> Secret:
        if name not in self._held:
            raise InvalidInput(
                f"{self._stack} holds no secret {name!r} any more",
                hint=f"it was set anew or unset since this plan: make a new one with `roadbed plan {self._stack}`",
            )
        return Secret(self._secrets.open(self._held[name], context=secret_context(self._stack, name)))
