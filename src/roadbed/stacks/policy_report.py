"""What policies say across stacks, by policy and by stack. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from roadbed.engine.views import StackVerdicts
from roadbed.sdk.policies import Level


@dataclass(frozen=True, slots=True)
class Standing:
    """How many findings of a policy stand, of which some are waived, and what it put right; `stacks` by name."""

    policy: str
    pack: str
    level: Level
    findings: int = 0
    waived: int = 0
    remedied: int = 0
    stacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """`policies` are those that say something, what refuses first; `stacks` those of which they say it.

    `judged` counts the stacks that were looked at.
    """

    judged: int
    policies: Sequence[Standing] = field(default=())
    stacks: Sequence[StackVerdicts] = field(default=())


def policy_report(found: Sequence[StackVerdicts]) -> PolicyReport:
    said = [one for one in found if one.verdicts or one.remediations]
    return PolicyReport(len(found), _standings(said), said)


_ORDER: tuple[Level, ...] = ("mandatory", "remediate", "advisory")


def _standings(found: Iterable[StackVerdicts]) -> list[Standing]:
    """By level, then by number. A policy may have another level in another environment: each has its line."""
    lines: dict[tuple[str, str, Level], Standing] = {}
    for one in found:
        for verdict in one.verdicts:
            told = Standing(verdict.policy, verdict.pack, verdict.level, 1, int(verdict.waived_by is not None))
            _add(lines, told, one.name)
        for remedy in one.remediations:
            _add(lines, Standing(remedy.policy, remedy.pack, "remediate", remedied=1), one.name)
    return sorted(lines.values(), key=lambda line: (_ORDER.index(line.level), -line.findings, line.policy))


def _add(lines: dict[tuple[str, str, Level], Standing], one: Standing, stack: str) -> None:
    key = one.policy, one.pack, one.level
    so_far = lines.get(key, Standing(*key))
    lines[key] = Standing(
        *key,
        findings=so_far.findings + one.findings,
        waived=so_far.waived + one.waived,
        remedied=so_far.remedied + one.remedied,
        stacks=tuple(sorted({*so_far.stacks, stack})),
    )
