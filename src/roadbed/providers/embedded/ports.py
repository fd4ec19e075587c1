"""Which ports the servers of a kind have: kept in a file, so that no two have the same and none changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from roadbed.kit.errors import Unavailable
from roadbed.storage.ports import free_port


class PortBook:
    """`file` maps each server's key to its ports by name. Changes are made in one step, without an await in between."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, key: str) -> Mapping[str, int] | None:
        return self._read().get(key)

    def take(self, key: str, names: Sequence[str], first: int, is_taken: Callable[[int], bool]) -> Mapping[str, int]:
        """Those that it has, or else free ones from `first` on (0: any): no other server's, and none `is_taken`."""
        book = self._read()
        if (kept := book.get(key)) is not None and set(kept) == set(names):
            return kept
        taken = {port for ports in book.values() for port in ports.values()}
        chosen: dict[str, int] = {}
        for name in names:
            while is_taken(port := free_port(first, taken=taken)):
                taken.add(port)
            chosen[name] = port
            taken.add(port)
        self._write({**book, key: chosen})
        return chosen

    def release(self, key: str) -> None:
        book = self._read()
        if key in book:
            self._write({other: ports for other, ports in book.items() if other != key})

    def _read(self) -> dict[str, dict[str, int]]:
        try:
            book: dict[str, dict[str, int]] = json.loads(self._file.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise Unavailable(
                f"{self._file} can't be read", hint="restore it: it says which ports are whose"
            ) from error
        return book

    def _write(self, book: Mapping[str, Mapping[str, int]]) -> None:
        aside = self._file.with_suffix(".new")
        aside.write_text(json.dumps(book, indent=1, sort_keys=True))
        aside.rename(self._file)
