"""What a graph wants no longer: deleted, retained, or found gone already. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from roadbed.engine.domain import PlanOptions, Recorded, Rewrite, Step
from roadbed.engine.planning.differences import changes
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.priors import Priors
from roadbed.engine.planning.schema import type_of
from roadbed.kit.errors import Findings, Problem

_FORGET = "roadbed stack forget"


def deletion_steps(
    facts: Facts, priors: Priors, options: PlanOptions, findings: Findings
) -> tuple[list[Step], list[Rewrite]]:
    """The steps in reverse order of dependency, and the rows that are forgotten since nothing is there any more."""
    targets = options.targets
    staying = priors.claimed | (_kept(facts) if options.keep_data else frozenset())
    unwanted = {
        key: row
        for key, row in facts.state.items()
        if (row.deposed or row.urn not in staying) and (not targets or row.urn in targets)
    }
    _check_targets(facts.state, unwanted, targets, findings)
    steps: list[Step] = []
    gone: list[Rewrite] = []
    for key in reversed(in_order(unwanted)):
        row = unwanted[key]
        seen = facts.observed.get(key)
        if seen is not None and seen.gone:
            gone.append(Rewrite(row.key, row.urn, row.depends_on, row.options, row.source, gone=True))
            continue
        if row.kind != "component" and row.type not in facts.types:
            message = f"no provider here has the type {row.type}, so {row.urn} can't be deleted"
            findings.add(_problem(row, message, f"install its plugin, or let the state forget it: {_FORGET} {row.urn}"))
            continue
        if row.options.protect and not row.deposed:
            message = f"{row.urn} is protected, and this plan would delete it"
            findings.add(
                _problem(
                    row,
                    message,
                    "declare it without `protect` (in roadbed.yaml: params: {protect: false}), and apply that first",
                )
            )
        steps.append(_step(row, facts, priors))
    return steps, gone


def _kept(facts: Facts) -> frozenset[str]:
    """What holds data, and what that stands on."""
    rows = {row.urn: row for row in facts.state.values() if not row.deposed}
    waiting = [
        urn for urn, row in rows.items() if row.type in facts.types and facts.types[row.type].holds(row.properties)
    ]
    kept: set[str] = set()
    while waiting:
        urn = waiting.pop()
        if urn in rows and urn not in kept:
            kept.add(urn)
            waiting += rows[urn].depends_on
    return frozenset(kept)


def _step(row: Recorded, facts: Facts, priors: Priors) -> Step:
    retained = row.options.retain_on_delete or row.kind == "read"
    declared = type_of(facts.types, row.type, row.kind)
    return Step(
        urn=row.urn,
        type=row.type,
        name=row.name,
        action="retain" if retained else "delete",
        phase=declared.phase,
        changes=() if retained else changes(row.properties, {}),
        depends_on=priors.now(row.depends_on),
        source=row.source,
        note=_note(row),
        options=row.options,
        kind=row.kind,
        loses_data=declared.holds(row.properties) and not (retained or row.broken or row.deposed),
        deposed=row.deposed,
    )


def _note(row: Recorded) -> str | None:
    if row.deposed:
        return "left by an earlier replacement"
    if row.kind == "read":
        return "was only looked at"
    return _why_broken(row) if row.broken else None


def _check_targets(
    state: Mapping[str, Recorded],
    unwanted: Mapping[str, Recorded],
    targets: frozenset[str],
    findings: Findings,
) -> None:
    """A plan for targets deletes nothing that something else still uses."""
    if not targets:
        return
    going = {row.urn for row in unwanted.values() if not row.deposed}
    for row in state.values():
        for urn in sorted(row.depends_on & going):
            if row.key not in unwanted and row.urn not in targets:
                message = f"{urn} can't be deleted alone: {row.urn} depends on it"
                findings.add(_problem(state[urn], message, f"take in what depends on it: --target {row.urn}"))


def _problem(row: Recorded, message: str, hint: str) -> Problem:
    source = row.source
    return Problem(message, hint, source.file if source else None, source.line if source else None)


def in_order(rows: Mapping[str, Recorded]) -> list[str]:
    """Keys, each after what it depends on."""
    keys: dict[str, list[str]] = {}
    for key, row in rows.items():
        keys.setdefault(row.urn, []).append(key)
    ordered: list[str] = []
    seen: set[str] = set()
    stack = [(key, False) for key in sorted(rows, reverse=True)]
    while stack:
        key, expanded = stack.pop()
        if expanded:
            ordered.append(key)
        elif key not in seen:
            seen.add(key)
            stack.append((key, True))
            used = sorted(rows[key].depends_on & keys.keys(), reverse=True)
            stack += [(other, False) for urn in used for other in keys[urn]]
    return ordered


def _why_broken(row: Recorded) -> str:
    if row.outputs or row.sealed:
        return "its deletion failed before"
    return "an earlier attempt failed, and may have left something"
