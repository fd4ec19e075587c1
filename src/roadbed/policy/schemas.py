"""Policies on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from roadbed.platform.packs import Pack
from roadbed.policy.book import Unloaded
from roadbed.policy.domain import Place
from roadbed.policy.views import Meant, PackView, PolicyList, PolicyView
from roadbed.sdk.policies import Level, Subject


class PackOut(BaseModel):
    name: str
    version: str
    description: str
    installed: bool = Field(description="It is an installed package; else a folder of the platform repo.")
    on: bool
    policies: int = Field(description="How many it has.")


class MeantOut(BaseModel):
    """How a policy is meant in an environment. `level` is null where it is off."""

    environment: str
    kind: str
    level: Level | None
    level_from: str | None = Field(description="The line that decides the level; null: the policy itself.")
    config: dict[str, Any]
    config_from: dict[str, str] = Field(description="The line that decides each key; the others are the policy's own.")


class PolicyOut(BaseModel):
    name: str
    pack: str
    version: str = Field(description="That of its pack.")
    on: bool = Field(description="Its pack is on.")
    level: Level = Field(description="As the policy itself says.")
    judges: Subject
    types: list[str] = Field(description="Shell patterns over resource types, of a policy on a resource.")
    reason: str
    remedy: str | None
    meant: list[MeantOut]
    file: str
    line: int


class PolicyDetailOut(PolicyOut):
    documentation: str
    config: dict[str, Any] = Field(description="The defaults.")
    approvals: dict[str, Any] | None
    refuses: list[dict[str, Any]] = Field(description="Cases that it must refuse.")
    passes: list[dict[str, Any]] = Field(description="Cases that it must let pass.")


class UnloadedOut(BaseModel):
    """A file of a pack that could not be run."""

    pack: str
    message: str
    hint: str | None
    file: str | None
    line: int | None


class PolicyListOut(BaseModel):
    items: list[PolicyOut]
    packs: list[PackOut]
    environments: list[str]
    problems: list[UnloadedOut]
    next: None = None


class CaseOut(BaseModel):
    """How one case of a policy went. `wrong` says what is not as expected; `said` are the messages of its findings."""

    policy: str
    pack: str
    expected: str
    number: int = Field(description="Counts the cases of a kind from 1; 0 where there is none.")
    wrong: str | None
    said: list[str]
    file: str
    line: int


class CasesOut(BaseModel):
    items: list[CaseOut]
    problems: list[UnloadedOut]
    next: None = None


def policies_out(found: PolicyList) -> PolicyListOut:
    return PolicyListOut(
        items=[PolicyOut(**_policy(one)) for one in found.policies],
        packs=[_pack(one) for one in found.packs],
        environments=[one.name for one in found.environments],
        problems=[unloaded_out(one) for one in found.unloaded],
    )


def policy_out(view: PolicyView) -> PolicyDetailOut:
    info = view.info
    return PolicyDetailOut(
        **_policy(view),
        documentation=info.documentation,
        config=dict(info.config),
        approvals=dict(info.approvals) if info.approvals else None,
        refuses=[dict(one) for one in info.refuses],
        passes=[dict(one) for one in info.passes],
    )


def _policy(view: PolicyView) -> dict[str, Any]:
    info = view.info
    same = ("name", "pack", "level", "reason", "remedy", "file", "line")
    return {
        **{key: getattr(info, key) for key in same},
        "version": view.pack.version,
        "on": view.on,
        "judges": info.on,
        "types": list(info.types),
        "meant": [_meant(one) for one in view.meant],
    }


def _meant(one: Meant) -> MeantOut:
    effective = one.effective
    return MeantOut(
        environment=one.environment,
        kind=one.kind,
        level=effective.level,
        level_from=_shown(effective.level_from),
        config=dict(effective.config),
        config_from={key: str(place) for key, place in effective.config_from.items()},
    )


def _shown(place: Place | None) -> str | None:
    return None if place is None else str(place)


def _pack(view: PackView) -> PackOut:
    pack: Pack = view.pack
    return PackOut(
        name=pack.name,
        version=pack.version,
        description=pack.description,
        installed=pack.installed is not None,
        on=view.on,
        policies=view.policies,
    )


def unloaded_out(one: Unloaded) -> UnloadedOut:
    problem = one.problem
    return UnloadedOut(pack=one.pack, message=problem.message, hint=problem.hint, file=problem.file, line=problem.line)
