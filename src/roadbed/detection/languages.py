"""The versions of languages that this machine has."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping

from roadbed.kit.programs import installed

PYTHONS = tuple(f"python3.{minor}" for minor in range(9, 16))
_OTHERS = ("node", "go", "ruby")


class Languages(Mapping[str, Iterable[str]]):
    """A program is asked when somebody wants to know, and once."""

    def __getitem__(self, language: str) -> Iterable[str]:
        if language == "python":
            return _Pythons()
        found = installed(language) if language in _OTHERS else None
        if found is None:
            raise KeyError(language)
        return (found.version,)

    def __iter__(self) -> Iterator[str]:
        return (language for language in ("python", *_OTHERS) if language in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Pythons(Iterable[str]):
    """This one first, for it is what is used unless a tree asks for another; who finds it fitting asks no more."""

    def __iter__(self) -> Iterator[str]:
        own = platform.python_version()
        yield own
        for name in PYTHONS:
            if not own.startswith(f"{name.removeprefix('python')}.") and (found := installed(name)) is not None:
                yield found.version
