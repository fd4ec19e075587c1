"""What a building block must say of itself before anybody may ask for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.platform.snapshots import BlockFolder, Snapshot
from roadbed.sdk.contracts import CONTRACTS


@dataclass(frozen=True, slots=True)
class Draft:
    """A block that can be published. `file` and `line` are those of its first provisioner."""

    snapshot: Snapshot
    folder: BlockFolder
    version: str
    offers: Sequence[Mapping[str, Any]] = field(repr=False)
    file: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        return self.snapshot.name

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"

    @property
    def owner(self) -> str | None:
        return next((offer["owner"] for offer in self.offers), None)


def read_draft(snapshot: Snapshot, folder: BlockFolder, offers: Sequence[Mapping[str, Any]]) -> Draft:
    """Raises InvalidInput with everything that is missing or wrong, each at its line."""
    if not offers:
        message = f"{snapshot.name} offers nothing"
        raise InvalidInput(
            message, hint=f'write a function with @provisioner("{snapshot.name}")', file=snapshot.program
        )
    findings = Findings()
    for offer in offers:
        for message, hint in _wrong(snapshot, offer, offers[0]):
            findings.add(Problem(message, hint, offer["file"], offer["line"]))
    findings.raise_if_any(snapshot.program)
    first = offers[0]
    return Draft(snapshot, folder, first["version"], offers, first["file"], first["line"])


def _wrong(snapshot: Snapshot, offer: Mapping[str, Any], first: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name = snapshot.name
    if offer["type"] != name:
        hint = f"a building block is called as its type: name the folder {offer['type']}, or the type {name}"
        yield f"the building block {name} offers {offer['type']!r}", hint
    for key, example in (("version", '"0.1.0"'), ("owner", '"group:default/platform"'), ("maturity", '"experimental"')):
        if offer[key] is None:
            yield f"{name} says no {key}", f"add {key}={example} to @provisioner"
        elif offer[key] != first[key]:
            yield f"{name} says two things of its {key}: {first[key]} and {offer[key]}", "all of a block say the same"
    if not offer["notes"]:
        yield f"{name} doesn't say what it is", "write a docstring"
    if offer["params"] is None:
        yield f"{name} doesn't say which params it takes", "add params={…}; {} for none"
    if not offer["outputs"] and name not in CONTRACTS:
        yield f"{name} doesn't say what its outputs are", 'add outputs={"host": "Where it is."}'
    if not offer["examples"]:
        yield f"{name} has no example", 'add examples={"small": Example()}, from roadbed.sdk.provisioners'
    for example, asked in offer["examples"].items():
        for param in sorted(asked["params"].keys() - (asked if offer["params"] is None else offer)["params"].keys()):
            yield f"the example {example} of {name} gives the param {param!r}, which it doesn't take", _takes(offer)
    docs = offer["docs"]
    if docs is not None and "://" not in docs and docs not in snapshot.files:
        yield f"the docs of {name}, {docs!r}, are no file in its folder", "name a file beside block.py, or a URL"


def _takes(offer: Mapping[str, Any]) -> str:
    return f"it takes: {', '.join(sorted(offer['params'])) or 'none'}"
