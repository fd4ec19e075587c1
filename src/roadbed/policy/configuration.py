"""`policies/policies.yaml`: which packs are on, and how each policy is meant where. Pure.

    apiVersion: roadbed.dev/v1
    kind: Policies
    packs:
      security: {}                       # on
      cost: {kinds: {production: {off: true}}}
    policies:
      enough-replicas:
        level: mandatory
        config: {min: 2}
        environments: {prod: {config: {min: 3}}}

Without the file, or its `packs`, every pack of the platform repo is on. The loose files of `policies/`, and Roadbed's
own policies (`built-in`), always are.
What is said of an environment goes before what is said of its kind, and that before what is said of all; what is said
of a policy goes before what is said of its pack.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from roadbed.platform.packs import BUILT_IN
from roadbed.policy.domain import LOCAL, Effective, Place, PolicyInfo
from roadbed.sdk.policies import LEVELS, Level
from roadbed.workload import document
from roadbed.workload.document import Node, Scalar, plain
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields, Reader, nearest

API_VERSION, KIND = "roadbed.dev/v1", "Policies"

_ADVISE_OR_REFUSE: tuple[Level, ...] = ("advisory", "mandatory")
"""What any policy can do. Only one that yields a Change can remediate."""
_WORDS = ("level", "off", "config")
_WHERE = ("kinds", "environments")


@dataclass(frozen=True, slots=True)
class Saying:
    """What one place of the file says of a policy, or of a pack. None where it doesn't say."""

    place: Place
    level: Level | None = None
    off: bool | None = None
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scoped:
    """All that is said of a policy or a pack: everywhere, by kind and by name of environment."""

    everywhere: Saying
    kinds: Mapping[str, Saying] = field(default_factory=dict)
    environments: Mapping[str, Saying] = field(default_factory=dict)

    def sayings(self, environment: str, kind: str) -> Iterator[Saying]:
        """Those that hold there, the weakest first."""
        yield self.everywhere
        yield from (found[key] for found, key in ((self.kinds, kind), (self.environments, environment)) if key in found)


@dataclass(frozen=True, slots=True)
class Configuration:
    """`on` are the names of the packs that are on."""

    on: frozenset[str]
    packs: Mapping[str, Scoped] = field(default_factory=dict)
    policies: Mapping[str, Scoped] = field(default_factory=dict)

    def effective(self, policy: PolicyInfo, environment: str, kind: str) -> Effective:
        """How a policy is meant in an environment of this name and kind."""
        if policy.pack not in self.on:
            return Effective(None, policy.config)
        level: Level | None = policy.level
        off, decided = False, cast("Place | None", None)
        config, told = dict(policy.config), dict[str, Place]()
        for saying in self._sayings(policy, environment, kind):
            if saying.level is not None or saying.off is not None:
                level, decided = saying.level or level, saying.place
                off = off if saying.off is None else saying.off
            config |= saying.config
            told |= dict.fromkeys(saying.config, saying.place)
        return Effective(None if off else level, config, decided, told)

    def _sayings(self, policy: PolicyInfo, environment: str, kind: str) -> Iterator[Saying]:
        for scoped in (self.packs.get(policy.pack), self.policies.get(policy.name)):
            if scoped is not None:
                yield from scoped.sayings(environment, kind)


def plain_configuration(in_repo: Iterable[str]) -> Configuration:
    """Where there is no file: `in_repo` are the packs of the platform repo."""
    return Configuration(frozenset({LOCAL, BUILT_IN, *in_repo}))


def read_configuration(
    text: str,
    *,
    file: str,
    policies: Mapping[str, PolicyInfo],
    packs: Collection[str],
    in_repo: Collection[str],
    environments: Collection[str],
    kinds: Collection[str],
    complete: bool = True,
) -> Configuration:
    """Raises InvalidInput with everything that is wrong in it, each at its line, with the nearest name.

    Not `complete`: policies could not be loaded, so that one that isn't known may be among them.
    """
    known = ("apiVersion", "kind", "packs", "policies")
    reader = _Reader(policies, {*packs, LOCAL, BUILT_IN}, environments, kinds, complete=complete)
    fields = reader.section(parse_document(text, file), "", known, ("apiVersion", "kind"))
    fields.choice("apiVersion", (API_VERSION,), API_VERSION)
    fields.choice("kind", (KIND,), KIND)
    said = reader.packs(fields)
    on = said if "packs" in fields else in_repo
    found = Configuration(frozenset({LOCAL, BUILT_IN, *on}), said, reader.policies(fields))
    reader.findings.raise_if_any(file)
    return found


class _Reader(Reader):
    def __init__(
        self,
        policies: Mapping[str, PolicyInfo],
        packs: Collection[str],
        environments: Collection[str],
        kinds: Collection[str],
        *,
        complete: bool,
    ) -> None:
        super().__init__()
        self._policies, self._packs, self._complete = policies, packs, complete
        self._where = {"environments": environments, "kinds": kinds}

    def packs(self, fields: Fields) -> dict[str, Scoped]:
        found = {}
        for name, node, path in fields.mapping("packs").items():
            if name not in self._packs:
                self.report(_key(fields, "packs", name), f"there is no pack {name!r}", nearest(name, self._packs))
            found[name] = self._scoped(node, path, _key(fields, "packs", name), None)
        return found

    def policies(self, fields: Fields) -> dict[str, Scoped]:
        found = {}
        for name, node, path in fields.mapping("policies").items():
            place = _key(fields, "policies", name)
            if (policy := self._policies.get(name)) is not None:
                found[name] = self._scoped(node, path, place, policy)
            elif self._complete:
                self.report(place, f"there is no policy {name!r}", nearest(name, self._policies))
        return found

    def _scoped(self, node: Node, path: str, place: document.Place, policy: PolicyInfo | None) -> Scoped:
        words = _WORDS if policy else _WORDS[:2]
        fields = self._fields(node, path, (*words, *_WHERE))
        where = {kind: dict(self._below(fields, kind, words, policy)) for kind in _WHERE}
        return Scoped(self._saying(fields, place, policy), **where)

    def _below(
        self, fields: Fields, where: str, words: Collection[str], policy: PolicyInfo | None
    ) -> Iterator[tuple[str, Saying]]:
        known = self._where[where]
        for name, node, path in fields.mapping(where).items():
            place = _key(fields, where, name)
            if name not in known:
                self.report(place, f"{path}: there is no {where[:-1]} {name!r}", nearest(name, known))
            yield name, self._saying(self._fields(node, path, words), place, policy)

    def _fields(self, node: Node, path: str, known: Collection[str]) -> Fields:
        """`security:` with nothing after it says that it is on."""
        if isinstance(node, Scalar) and node.value is None:
            return Fields(self, document.Mapping(node.place), path)
        return self.section(node, path, known)

    def _saying(self, fields: Fields, place: document.Place, policy: PolicyInfo | None) -> Saying:
        named = fields.choice("level", LEVELS if policy and policy.level == "remediate" else _ADVISE_OR_REFUSE, "")
        level = cast("Level", named) if named else None
        off = fields.flag("off") if "off" in fields else None
        config = self._config(fields.mapping("config"), policy) if policy else {}
        return Saying(Place(place.file, place.line), level, off, config)

    def _config(self, fields: Fields, policy: PolicyInfo) -> dict[str, Any]:
        found = {}
        for name, node, path in fields.items():
            value, default = plain(node), policy.config.get(name)
            if name not in policy.config:
                hint = nearest(name, policy.config) or "it has none"
                self.report(fields.place(name), f"{path}: {policy.name} has no config {name!r}", hint)
            elif not _alike(value, default):
                self.report(node.place, f"{path} must be {_called(default)}, as {default!r} is, not {value!r}")
            found[name] = value
        return found


def _key(fields: Fields, name: str, key: str) -> document.Place:
    """Where an entry of the mapping under `name` has its key."""
    return fields.mapping(name).place(key)


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a mapping"),
)


def _called(value: Any) -> str:
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "anything")


def _alike(value: Any, default: Any) -> bool:
    """Whether it may stand for the default: one that is None takes anything."""
    return default is None or _called(value) == _called(default)
