"""Sources: where they came from, what is understood of them, what was built of them."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Origin(TypedDict):
    """Where a source tree came from; `dirty`: it differs from the revision."""

    kind: str
    revision: str | None
    ref: str | None
    dirty: bool
    url: str | None


class ProposedNeed(TypedDict):
    """`line` says it to a person, with its evidence. One that a file has `stated` is taken without a question."""

    name: str
    type: str
    stated: bool
    line: str


class Understood(TypedDict):
    """What is understood of a source without a Score file: by which files, in lines for a person."""

    sources: list[str]
    lines: list[str]
    needs: list[ProposedNeed]


class SourceAnswer(TypedDict):
    """The last two are those of a source that the platform fetched."""

    digest: str
    size: int
    origin: NotRequired[Origin]
    application: NotRequired[str | None]
    understood: NotRequired[Understood | None]


class Build(TypedDict):
    """`used_by` are the releases that need it, as `orders@dev v3`. `lock` lists what no lock file did."""

    digest: str
    source: str
    recipe: dict[str, Any]
    origin: Origin
    owner: str | None
    created_at: str
    created_by: str
    used_at: str
    duration_s: float
    size: int
    lock: str | None
    used_by: list[str]
