"""Gives the values of a stack's outputs to somebody who is about to use them, the secret ones included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.engine import records, repository
from roadbed.engine.expressions.values import Unknown, imports, resolve, reveal
from roadbed.engine.known import KnownState
from roadbed.engine.stack_info import SecretStore, StackInfo
from roadbed.kit.access import Authorise
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call


class Revealing:
    def __init__(self, authorise: Authorise, secrets: Secrets, secret_store: SecretStore) -> None:
        self._authorise, self._secrets, self._secret_store = authorise, secrets, secret_store

    async def values(
        self, call: Call, stack: StackInfo, wanted: Mapping[str, Any]
    ) -> tuple[dict[str, Any], frozenset[str]]:
        """Expressions of a graph document as what they are now, and which of them are secret.

        What isn't known before an apply is left out.
        """
        self._authorise(call.principal, "resource.connect", stack.target)
        name = str(stack.name)
        state = await repository.resources(call.session, name)
        exported = await records.imported(call.session, imports(dict(wanted)))
        held = await self._secret_store.held(call, stack)
        known = KnownState(name, state, held, self._secrets, exported)
        resolved = {key: resolve(value, known) for key, value in wanted.items()}
        there = {key: value for key, value in resolved.items() if not isinstance(value, Unknown)}
        plain, paths = reveal(there)
        return plain, frozenset(path.partition(".")[0] for path in paths)
