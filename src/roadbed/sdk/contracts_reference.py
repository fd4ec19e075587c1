"""Writes `docs/reference/score-types.md`: `python -m roadbed.sdk.contracts_reference [PATH]`. Nothing imports it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from roadbed.sdk.contracts import CONTRACTS, Contract

_INTRODUCTION = """\
# Types that Score files ask for

Made from the code by `python -m roadbed.sdk.contracts_reference`; change it there.

What a provisioner of each type must return, and so what a Score file may refer to: `${resources.NAME.OUTPUT}`. Which of
them the platform satisfies itself, and how to satisfy another, is in
[Write a provisioner](../guides/write-a-provisioner.md). Params are those that the platform's own provisioners know.
"""


def page() -> str:
    parts = [_INTRODUCTION]
    for name, contract in CONTRACTS.items():
        parts += ["\n".join(_section(name, contract))]
    return "\n".join(parts)


def _section(name: str, contract: Contract) -> Iterator[str]:
    yield f"## {name}\n\n{contract.description}\n"
    if contract.outputs or contract.optional:
        yield "| output | |\n|---|---|"
        yield from _rows(contract.outputs)
        yield from (f"{row} May be left out. |" for row in _cut(contract.optional))
        yield ""
    if contract.open:
        yield "Its outputs are whatever the provisioner returns.\n"
    if contract.params:
        yield "| param | |\n|---|---|"
        needed = {name: " Required." if name in contract.required else "" for name in contract.params}
        yield from _rows({name: f"{text}{needed[name]}" for name, text in contract.params.items()})
        yield ""


def _rows(described: Mapping[str, str]) -> Iterator[str]:
    return (f"| `{name}` | {text} |" for name, text in described.items())


def _cut(described: Mapping[str, str]) -> Iterator[str]:
    return (row.removesuffix(" |") for row in _rows(described))


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference/score-types.md")
    target.write_text(page(), encoding="utf-8")
