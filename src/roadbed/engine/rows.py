"""How rows of the state and entries of the journal are written: by COPY, thousands at a time, on a raw connection.

COPY's text format: columns divided by tabs, `\\N` for NULL, a backslash before what would be read as one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from psycopg import AsyncConnection, AsyncCursor

from roadbed.engine.bodies import row_json
from roadbed.engine.domain import Recorded

Event: TypeAlias = Literal["intent", "succeeded", "failed"]
Rows: TypeAlias = Mapping[str, Recorded | None]
"""By key: what a row becomes, None for one that goes."""

_NULL = "\\N"
_JOURNAL = "COPY journal (stack, plan, effect, urn, deposed, \"do\", event, at, error, document) FROM STDIN"
_STATE = "COPY resources (urn, deposed, stack, type, document, updated_at) FROM STDIN"
_GOES = """
    DELETE FROM resources USING unnest(%s::text[], %s::text[]) AS gone (urn, deposed)
    WHERE resources.urn = gone.urn AND resources.deposed = gone.deposed
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal, and the rows of the state that change with it. `error` is JSON."""

    effect: str
    urn: str
    deposed: str
    do: str
    event: Event
    error: str | None = None
    rows: Rows | None = None


@dataclass(slots=True)
class Writer:
    """Writes for one plan. `known` are the URN and the deposed key of the rows that are there, by key."""

    stack: str
    plan: int
    known: dict[str, tuple[str, str]]

    async def write(self, connection: AsyncConnection[Any], entries: Sequence[Entry], at: datetime) -> None:
        """Writes entries and their rows; the caller commits."""
        rows = {key: row for entry in entries if entry.rows for key, row in entry.rows.items()}
        documents = {key: _text(row_json(row).decode()) for key, row in rows.items() if row is not None}
        stamp = at.isoformat()
        async with connection.cursor() as cursor:
            await _copy(cursor, _JOURNAL, self._journal_lines(entries, documents, stamp))
            if going := [self.known.pop(key) for key in rows if key in self.known]:
                await cursor.execute(_GOES, ([urn for urn, _ in going], [deposed for _, deposed in going]))
            if documents:
                await _copy(cursor, _STATE, self._state_lines(rows, documents, stamp))

    def _journal_lines(self, entries: Iterable[Entry], documents: Mapping[str, str], stamp: str) -> Iterator[str]:
        begin = f"{_text(self.stack)}\t{self.plan}\t"
        for entry in entries:
            error = _NULL if entry.error is None else _text(entry.error)
            document = next((documents[key] for key in entry.rows or () if key in documents), _NULL)
            effect, urn = _text(entry.effect), _text(entry.urn)
            what = f"{effect}\t{urn}\t{_text(entry.deposed)}\t{entry.do}\t{entry.event}"
            yield f"{begin}{what}\t{stamp}\t{error}\t{document}\n"

    def _state_lines(self, rows: Rows, documents: Mapping[str, str], stamp: str) -> Iterator[str]:
        stack = _text(self.stack)
        for key, row in rows.items():
            if row is not None:
                self.known[key] = (row.urn, row.deposed)
                what = f"{_text(row.urn)}\t{_text(row.deposed)}\t{stack}\t{_text(row.type)}"
                yield f"{what}\t{documents[key]}\t{stamp}\n"


async def _copy(cursor: AsyncCursor[Any], statement: str, lines: Iterable[str]) -> None:
    async with cursor.copy(statement.encode()) as copy:
        await copy.write("".join(lines))


def _text(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if not value.isprintable():
        value = value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value
