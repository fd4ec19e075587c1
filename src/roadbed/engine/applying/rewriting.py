"""Rows that are written anew before anything else of a plan: moved, told differently, or found different. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as altered

from roadbed.engine.applying.rows import Entry
from roadbed.engine.domain import Plan, Recorded, Rewrite
from roadbed.engine.known import output_context
from roadbed.secrets.service import Secrets


def rewritten(plan: Plan, state: Mapping[str, Recorded], secrets: Secrets) -> list[Entry]:
    """An entry for each row that changes. Rows that swap their names do so at once."""
    entries = [_entry(rewrite, state[rewrite.was], secrets) for rewrite in plan.rewrites if rewrite.was in state]
    written = {key for entry in entries for key, row in (entry.rows or {}).items() if row is not None}
    return [altered(entry, rows=_without_overtaken(entry, written)) for entry in entries]


def _entry(rewrite: Rewrite, row: Recorded, secrets: Secrets) -> Entry:
    if rewrite.gone:
        return Entry(f"rewrite {row.key}", row.urn, row.deposed, "forget", "succeeded", rows={row.key: None})
    new = altered(
        row,
        urn=rewrite.urn,
        depends_on=rewrite.depends_on,
        options=rewrite.options,
        source=rewrite.source,
        properties=row.properties if rewrite.properties is None else rewrite.properties,
        outputs=row.outputs if rewrite.outputs is None else rewrite.outputs,
        sealed=resealed(row, rewrite.urn, secrets),
    )
    moved = new.urn != row.urn
    new = altered(new, name=_name(rewrite.urn)) if moved else new
    do = "move" if moved else "rewrite"
    rows = {new.key: new} if new.key == row.key else {new.key: new, row.key: None}
    return Entry(f"rewrite {new.key}", new.urn, new.deposed, do, "succeeded", rows=rows)


def _without_overtaken(entry: Entry, written: set[str]) -> dict[str, Recorded | None]:
    """What one row leaves, another may have taken."""
    return {key: row for key, row in (entry.rows or {}).items() if row is not None or key not in written}


def resealed(row: Recorded, urn: str, secrets: Secrets) -> Mapping[str, str]:
    """Sealed outputs are bound to the URN: a row that is moved takes them along anew."""
    if urn == row.urn:
        return row.sealed
    return {
        name: secrets.seal(
            secrets.open(sealed, context=output_context(row.urn, name)), context=output_context(urn, name)
        )
        for name, sealed in row.sealed.items()
    }


def _name(urn: str) -> str:
    """`db` of `orders@dev/web/db#postgres:Database`."""
    return urn.partition("#")[0].rpartition("/")[2]
