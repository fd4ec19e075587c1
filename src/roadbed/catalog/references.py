"""References to entities: `[kind:][namespace/]name`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from roadbed.kit.errors import InvalidInput

DEFAULT_NAMESPACE = "default"

NAME = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
NAMESPACE = re.compile(r"(?=.{1,63}$)[a-z0-9]+(?:-+[a-z0-9]+)*")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
_REFERENCE = re.compile(r"(?:(?P<kind>[^:/]+):)?(?:(?P<namespace>[^:/]+)/)?(?P<name>[^:/]+)")


@dataclass(frozen=True, slots=True, order=True)
class EntityRef:
    """Whom a reference means. All three parts in lower case: entities are told apart whatever the case."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, kind: str, namespace: str, name: str) -> EntityRef:
        return cls(kind.lower(), namespace.lower(), name.lower())

    @classmethod
    def parse(
        cls, text: str, *, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE
    ) -> EntityRef:
        """Raises InvalidInput for what is no reference, and for a bare name where no kind goes without saying."""
        found = _REFERENCE.fullmatch(text)
        kind = (found["kind"] if found else None) or default_kind
        if found is None or not NAME.fullmatch(found["name"]):
            raise InvalidInput(f"{text[:200]!r} is not a reference", hint="write [kind:][namespace/]name")
        if kind is None:
            raise InvalidInput(
                f"{text!r} does not say of which kind it is", hint=f"write component:{text}, or another kind"
            )
        namespace = (found["namespace"] or default_namespace).lower()
        if not _KIND.fullmatch(kind) or not NAMESPACE.fullmatch(namespace):
            raise InvalidInput(f"{text[:200]!r} is not a reference", hint="write [kind:][namespace/]name")
        return cls.of(kind, namespace, found["name"])

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}"
