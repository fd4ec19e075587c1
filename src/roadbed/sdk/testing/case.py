"""What a provider is tried with, and the trying: calls as the engine makes them, each listened to for secrets."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from roadbed.kit.errors import RoadbedError
from roadbed.sdk.providers import Actual, Desired, Provider, ResourceType
from roadbed.sdk.testing.answers import Violation, check_answer

_TOO_SHORT = 4
"""Characters of a secret that may turn up by chance."""


@dataclass(frozen=True, slots=True)
class Case:
    """One type of a provider, and how to try it.

    - `properties`: to create one; `changed`: all properties after a change in place, None if none can change so.
    - `secret_paths`: which of the properties (dotted) are secret.
    - `vary`: makes properties of its own for each thing, given a unique word, where two with the same would collide.
      What is given beside wins over them.
    - `vanish`: removes the thing of an id behind the provider's back. `unreachable`: a block in which its world can't
      be reached. Each leaves out what can't be tried without.
    - `importable`: whether a thing can be read by its id alone.
    - `refused`: sets of properties that a creation must refuse, though the type's schema lets them through.
    - `exempt`: rules that can't hold for this type, by name, each with the reason: a privilege, say, is nobody's, so
      two that are the same are one. Keep it empty if you can: the engine relies on every rule, and what is exempt here
      is a limit that the type's description must tell of.
    - `configuration`: what a resource given as `provider` says. `stack` and `owner`: as the world needs them.
    """

    provider: Provider
    type: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    changed: Mapping[str, Any] | None = None
    secret_paths: frozenset[str] = frozenset()
    vary: Callable[[str], Mapping[str, Any]] | None = None
    vanish: Callable[[str], Awaitable[None]] | None = None
    unreachable: Callable[[], AbstractContextManager[object]] | None = None
    importable: bool = True
    refused: Sequence[Mapping[str, Any]] = ()
    exempt: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, Any] | None = None
    stack: str = "conformance@test"
    owner: str | None = None

    @property
    def declared(self) -> ResourceType:
        return self.provider.types[self.type]


@dataclass
class Trial:
    """One thing under a name and token of its own, from its creation to its removal. `heard` is all that was said.

    `called` is its name from now on: a resource may be renamed in a program, and keeps its id, token and properties.
    `unsure` are the properties that the state doesn't know any more, since an update failed.
    """

    case: Case
    name: str = field(default_factory=lambda: f"t{uuid4().hex[:10]}")
    token: str = field(default_factory=lambda: uuid4().hex)
    made: Actual | None = None
    heard: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    called: str = ""
    unsure: set[str] = field(default_factory=set)

    def desired(self, properties: Mapping[str, Any] | None = None, **more: Any) -> Desired:
        case = self.case
        own = case.vary(self.name) if case.vary else {}
        called = self.called or self.name
        given = {**own, **(case.properties if properties is None else properties)}
        wanted = Desired(
            urn=f"{case.stack}/{called}#{case.type}",
            type=case.type,
            name=called,
            stack=case.stack,
            properties=given,
            secret_paths=frozenset(path for path in case.secret_paths if _at(given, path) is not None),
            owner=case.owner,
            token=self.token,
            release=1 if case.declared.phase == "rollout" else None,
            configuration=case.configuration,
        )
        return replace(wanted, **more)

    def recorded(self, properties: Mapping[str, Any] | None = None) -> Desired:
        """As the engine asks once the thing is in the state: with what was answered, and what was given before."""
        wanted, made = self.desired(properties), self.made
        if made is None:
            return wanted
        previous = self.desired().properties
        return replace(wanted, outputs=dict(made.outputs), secrets=dict(made.secrets), previous=previous)

    async def create(self, properties: Mapping[str, Any] | None = None) -> Actual:
        wanted = self.desired(properties)
        with self._listening(wanted):
            self.made = check_answer(await self.case.provider.create(wanted, self._report), self.case.declared)
        self._hold(self.made)
        return self.made

    async def read(self) -> Actual | None:
        wanted = self._stored(self.recorded())
        with self._listening(wanted):
            found = await self.case.provider.read(wanted, self._id)
        if found is not None:
            self._hold(found)
        return found

    async def update(self, properties: Mapping[str, Any]) -> Actual:
        wanted, before = self.recorded(properties), self.made
        old = wanted.previous or {}
        names = wanted.properties.keys() | old.keys()
        changed = frozenset(name for name in names if wanted.properties.get(name) != old.get(name))
        with self._listening(wanted):
            answer = await self.case.provider.update(wanted, self._id, self._report)
        self.made = check_answer(answer, self.case.declared, before, changed)
        self._hold(self.made)
        return self.made

    async def delete(self, properties: Mapping[str, Any] | None = None, *, known: bool = True) -> None:
        """`known` False: as after a creation whose outcome was lost."""
        wanted = self._stored(self.recorded(properties) if known else self.desired(properties))
        with self._listening(wanted):
            await self.case.provider.delete(wanted, self._id if known else "", self._report)

    def _stored(self, wanted: Desired) -> Desired:
        """As the state has it, which a read and a removal are given: of each secret its fingerprint only."""
        properties: Any = wanted.properties
        for path in wanted.secret_paths:
            properties = _without(properties, path)
        properties = {**properties, **{name: {"$unknown": "an update failed"} for name in self.unsure}}
        return replace(wanted, properties=properties, previous=properties, secret_paths=frozenset())

    async def settle(self) -> None:
        wanted = self.recorded()
        with self._listening(wanted):
            await self.case.provider.settle(wanted, self._id, self._report)

    @property
    def _id(self) -> str:
        return self.made.id if self.made else ""

    async def _report(self, text: str) -> None:
        self.heard.append(text)

    @contextmanager
    def _listening(self, wanted: Desired) -> Iterator[None]:
        """Collects log records and errors, and looks for secrets in all that was said."""
        self.secrets |= {text for path in wanted.secret_paths for text in _texts(_at(wanted.properties, path))}
        listener = _Listener(self.heard)
        root, level = logging.getLogger(), logging.getLogger().level
        root.addHandler(listener)
        root.setLevel(logging.DEBUG)
        try:
            yield
        except RoadbedError as error:
            self.heard += [str(error), str(error.hint)]
            raise
        finally:
            root.removeHandler(listener)
            root.setLevel(level)
            self.check_silence()

    def _hold(self, answer: Actual) -> None:
        """A secret may stand in the properties that were found, where it was declared as one."""
        self.secrets |= set(answer.secrets.values())
        known = frozenset(path for path in self.case.secret_paths if path.partition(".")[0] not in self.unsure)
        shown = _texts(dict(answer.properties or {}), known)
        self.heard += [answer.id, *_texts(dict(answer.outputs)), *shown]
        self.check_silence()

    def check_silence(self) -> None:
        hidden = [secret for secret in self.secrets if len(secret) >= _TOO_SHORT]
        if any(secret in text for secret in hidden for text in self.heard):
            raise Violation(
                f"{self.case.type}: a secret stands in an output, a property, an id, a report, an error or a log record"
            )


@asynccontextmanager
async def trying(case: Case, **more: Any) -> AsyncIterator[Trial]:
    """A trial whose thing is removed at the end, whatever became of it."""
    trial = Trial(case, **more)
    try:
        yield trial
    finally:
        with suppress(RoadbedError):
            await trial.delete()


class _Listener(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(self.format(record))


def _at(properties: Any, path: str) -> Any:
    for part in path.split("."):
        properties = properties.get(part) if isinstance(properties, Mapping) else None
    return properties


def _without(properties: Any, path: str) -> Any:
    """With what stands in the state in place of a secret."""
    first, _, rest = path.partition(".")
    if not isinstance(properties, Mapping) or first not in properties:
        return properties
    inner = _without(properties[first], rest) if rest else {"$secret": "f" * 16}
    return {**properties, first: inner}


def _texts(value: Any, hidden: frozenset[str] = frozenset(), path: str = "") -> Iterator[str]:
    """All text in it, but for what is at a path that is `hidden`."""
    if path in hidden:
        return
    match value:
        case str():
            yield value
        case Mapping():
            for key, item in value.items():
                yield from _texts(item, hidden, f"{path}.{key}" if path else str(key))
        case list() | tuple():
            for index, item in enumerate(value):
                yield from _texts(item, hidden, f"{path}.{index}")
