"""What a template's steps call, and what they need of the rest of the platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

from roadbed.storage.call import Call

T = TypeVar("T")

Values: TypeAlias = Mapping[str, Any]


class Deployer(Protocol):
    """How `roadbed:deploy` deploys: delivery is behind it."""

    async def check(self, call: Call, *, application: str, environment: str, owner: str | None) -> None:
        """Raises what keeps a new application from being deployed: no such environment, a name that is taken."""
        ...

    async def exists(self, call: Call, *, application: str) -> bool:
        """Whether there is an application of that name in any environment, whoever may see it."""
        ...

    async def deploy(self, call: Call, *, application: str, environment: str, source_dir: Path, message: str) -> str:
        """Asks, in the call's transaction and in its principal's name, for `source_dir` to be built and deployed.

        Gives the operation's id. Its result must hold `url` and `release`. `source_dir` stands only until this returns.
        """
        ...


class Progress(Protocol):
    """What a step tells the person who waits: control's StepRun, or a dry run's list."""

    async def log(self, text: str) -> None: ...

    async def progress(self, done: int, total: int, message: str | None = None) -> None: ...

    async def unless_cancelled(self, work: Awaitable[T]) -> T: ...


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What an action works with.

    `files` is the workspace as this step may change it; `folder` the template's own, inside `root`, the platform repo.
    `transaction` opens a call in the name of whoever runs the template. `run` is the operation's id, `begun` what the
    action's `begin` gave.
    """

    files: Path
    folder: Path
    root: Path
    progress: Progress
    transaction: Callable[[], AbstractAsyncContextManager[Call]]
    run: str
    parameters: Values
    begun: Any = None


Run: TypeAlias = Callable[[ActionContext, Values], Awaitable[Values]]


@dataclass(frozen=True, slots=True)
class Action:
    """`schema` is the JSON Schema of its input; `outputs` says what it gives. `title` names a step without a name.

    `changes_files`: it works on a fresh copy of the workspace. `rehearses`: a dry run may run it, since it changes
    nothing outside. `check` looks, before the run is accepted, for what would make it fail. `begin` runs before it, in
    a transaction that also records it as done, and `begin_title` names that step. `undo` takes back what it did, and
    is safe where it did nothing; after a step that is `final` nothing is taken back any more.
    """

    id: str
    title: str
    description: str
    schema: Values
    run: Run
    outputs: Mapping[str, str] = field(default_factory=dict)
    changes_files: bool = False
    rehearses: bool = False
    final: bool = False
    check: Callable[[Call, Values, str | None], Awaitable[None]] | None = None
    begin: Callable[[Call, ActionContext, Values], Awaitable[Any]] | None = None
    begin_title: str = "Get ready"
    undo: Callable[[ActionContext, Values], Awaitable[None]] | None = None


def schema(required: tuple[str, ...] = (), **properties: Values) -> dict[str, Any]:
    """An object with these properties only."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


TEXT: Values = {"type": "string"}
FLAG: Values = {"type": "boolean"}
TEXTS: Values = {"type": "array", "items": {"type": "string"}}
