"""All policies that there are, how they are meant where, and what of them could not be loaded. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadbed.kit.errors import NotFound, Problem
from roadbed.platform.packs import BUILT_IN, Pack
from roadbed.policy.configuration import Configuration
from roadbed.policy.domain import Effective, Place, PolicyInfo, Verdict
from roadbed.workload.reader import nearest


@dataclass(frozen=True, slots=True)
class Unloaded:
    """A file of a pack that could not be run."""

    pack: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Book:
    packs: Sequence[Pack]
    policies: Mapping[str, PolicyInfo]
    configuration: Configuration
    unloaded: Sequence[Unloaded] = ()

    def get(self, name: str) -> PolicyInfo:
        """Raises NotFound with the nearest name."""
        if name not in self.policies:
            raise NotFound(f"there is no policy {name!r}", hint=nearest(name, self.policies))
        return self.policies[name]

    def pack(self, name: str) -> Pack:
        """Raises NotFound with the nearest name."""
        found = {pack.name: pack for pack in self.packs}
        if name not in found:
            raise NotFound(f"there is no pack {name!r}", hint=nearest(name, found))
        return found[name]

    def on(self, environment: str, kind: str) -> dict[str, tuple[PolicyInfo, Effective]]:
        """The policies that are on in an environment, by name."""
        meant = {
            name: (policy, self.configuration.effective(policy, environment, kind))
            for name, policy in self.policies.items()
        }
        return {name: pair for name, pair in meant.items() if pair[1].level is not None}

    def packs_on(self) -> list[Pack]:
        """Those whose files are run where policies are."""
        return [pack for pack in self.packs if pack.name in self.configuration.on and pack.name != BUILT_IN]

    def unloaded_verdicts(self) -> Iterator[Verdict]:
        """What can't be loaded may be mandatory: so it refuses, until it is mended or its pack is off."""
        for one in self.unloaded:
            if one.pack in self.configuration.on:
                problem = one.problem
                yield Verdict(
                    policy=one.pack,
                    level="mandatory",
                    resource="",
                    message=f"a policy of the pack {one.pack} can't be loaded: {problem.message}",
                    remedy=problem.hint or "mend it in the platform repo",
                    pack=one.pack,
                    reason="What a policy can't judge is refused.",
                    broken=Place(problem.file or "policies", problem.line),
                )


def with_built_in(
    policies: Mapping[str, PolicyInfo], unloaded: Sequence[Unloaded], built_in: Sequence[PolicyInfo]
) -> tuple[dict[str, PolicyInfo], list[Unloaded]]:
    """Roadbed's own keep their names: a policy of a pack that takes one can't be loaded."""
    names = {one.name for one in built_in}
    taken = [_taken(one) for one in policies.values() if one.name in names]
    return {**policies, **{one.name: one for one in built_in}}, [*unloaded, *taken]


def _taken(one: PolicyInfo) -> Unloaded:
    message = f"{one.name!r} is the name of a policy that Roadbed brings"
    return Unloaded(one.pack, Problem(message, "give yours another name", one.file, one.line))


def read_policies(answer: Mapping[str, Any]) -> tuple[dict[str, PolicyInfo], list[Unloaded]]:
    """What the host of programs answers to a request of kind `policies`."""
    tuples = ("types", "refuses", "passes")
    found = {
        one["name"]: PolicyInfo(**{**one, **{key: tuple(one[key]) for key in tuples}}) for one in answer["policies"]
    }
    problems = [
        Unloaded(one["pack"], Problem(one["message"], one.get("hint"), one.get("file"), one.get("line")))
        for one in answer["problems"]
    ]
    return found, problems
