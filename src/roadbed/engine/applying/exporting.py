"""What a stack exports: resolved when its apply ends, and never taken away from under another stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.engine import records
from roadbed.engine.domain import Export
from roadbed.engine.errors import ApplyFailed, ExportInUse
from roadbed.engine.expressions.functions import text
from roadbed.engine.expressions.values import Known, Unknown, resolve, reveal
from roadbed.engine.known import export_context
from roadbed.kit.errors import Problem, RoadbedError
from roadbed.secrets.service import Secrets


def resolved_exports(stack: str, exports: Mapping[str, Any], known: Known, secrets: Secrets) -> Iterator[Export]:
    """Those that can be known: what failed to be made exports what it did before."""
    for name, value in exports.items():
        try:
            resolved = resolve(value, known)
        except RoadbedError:
            continue
        if _is_unknown(resolved):
            continue
        plain, paths = reveal(resolved)
        if paths:
            yield Export(stack, name, sealed=secrets.seal(text(plain), context=export_context(stack, name)))
        else:
            yield Export(stack, name, plain)


def unresolved_exports(exports: Mapping[str, Any], known: Known) -> ApplyFailed | None:
    """What is said when all that they need is there, and yet some can't be resolved: what other stacks use is old.

    None when all can be, and for what was left out: that is unknown still.
    """
    problems = []
    for name, value in exports.items():
        try:
            resolve(value, known)
        except RoadbedError as error:
            told = f"all resources are as planned, but the export {name!r} can't be resolved: {error.message}"
            problems.append(Problem(told, error.hint))
    if len(problems) == 1:
        return ApplyFailed(problems[0].message, hint=problems[0].hint)
    return ApplyFailed(f"{len(problems)} exports can't be resolved", problems=problems) if problems else None


def recorded_exports(stored: Mapping[str, Export], secrets: Secrets) -> dict[str, Any]:
    """Exports as a plan holds them: fingerprints in place of secrets."""
    return {name: _recorded(export, secrets) for name, export in stored.items()}


def _recorded(export: Export, secrets: Secrets) -> Any:
    if export.sealed is None:
        return export.value
    value = secrets.open(export.sealed, context=export_context(export.stack, export.name))
    return {"$secret": secrets.fingerprint(value)}


def _is_unknown(value: Any) -> bool:
    match value:
        case Unknown():
            return True
        case Mapping():
            return any(map(_is_unknown, value.values()))
        case list():
            return any(map(_is_unknown, value))
        case _:
            return False


async def refuse_if_consumed(session: AsyncSession, stack: str, exports: Mapping[str, Any] | None) -> None:
    """Raises ExportInUse when an export would go that another stack uses. None leaves all as they are."""
    if exports is None:
        return
    users = await records.consumers(session, stack)
    for name in sorted((await records.exports(session, stack)).keys() - exports.keys()):
        if consumers := [user for user in users.get(name, ()) if user != stack]:
            raise ExportInUse(
                f"{stack} would no longer export {name!r}, which is used by {', '.join(consumers)}",
                hint=f"export it still, or change and apply {consumers[0]} first",
            )
