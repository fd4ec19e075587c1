"""What is shown of building blocks, and of what publishing one would do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from roadbed.engine.domain import Step
from roadbed.kit.errors import Problem
from roadbed.platform.versions import BlockUse, BlockVersion, Difference, Offered

GOLDEN = "golden"
"""The folder of a block where what comes of its examples is kept, a file each."""

CaseState: TypeAlias = Literal["same", "changed", "new", "failed"]


@dataclass(frozen=True, slots=True)
class Case:
    """How an example of a block goes. `planned` is what comes of it, and `kept` what is kept of it, as JSON text.

    `message`, `hint` and `place` say what went wrong.
    """

    block: str
    example: str
    state: CaseState
    planned: str = ""
    kept: str = ""
    message: str = ""
    hint: str = ""
    place: str = ""

    @property
    def file(self) -> str:
        """Where it is kept, from the folder of the block."""
        return golden_file(self.example)


def golden_file(example: str) -> str:
    return f"{GOLDEN}/{example}.json"


@dataclass(frozen=True, slots=True)
class StackImpact:
    """What a stack would do with its next plan because of a version. `problems`: why it couldn't be planned any more,
    each where it is wrong: in the block, or in what asks for it.
    """

    stack: str
    environment: str
    owner: str | None
    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def loses_data(self) -> bool:
        return any(step.loses_data for step in self.steps)


@dataclass(frozen=True, slots=True)
class Impact:
    """What a version would change. `before` is what each of the `environments` uses now; `using` counts the stacks
    there that ask for the block, `stacks` are those that would change. `refused`: why it can't be published, or brought
    there, whatever becomes of the stacks.
    """

    name: str
    version: str
    owner: str | None
    before: Mapping[str, str | None]
    differences: Sequence[Difference]
    using: int
    stacks: Sequence[StackImpact] = field(default=())
    refused: Problem | None = None

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(self.before)

    @property
    def breaks(self) -> bool:
        return any(one.level == "major" for one in self.differences)

    @property
    def loses_data(self) -> bool:
        return any(stack.loses_data for stack in self.stacks)

    @property
    def breaks_stacks(self) -> bool:
        return any(stack.problems for stack in self.stacks)


@dataclass(frozen=True, slots=True)
class Published:
    """A version that is in use in `environments` now."""

    impact: Impact
    environments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block in the catalog. `offers` are those of its newest version, `uses` say which version is used where,
    `used_by` are the stacks that ask for it, `docs` the text of the file that it names as its documentation.
    """

    name: str
    newest: BlockVersion
    versions: Sequence[BlockVersion]
    uses: Sequence[BlockUse]
    used_by: Sequence[str] = ()
    docs: str = ""

    @property
    def offers(self) -> Sequence[Offered]:
        return self.newest.offers

    @property
    def title(self) -> str:
        return next((str(one["title"]) for one in self.offers if one["title"]), self.name)

    @property
    def about(self) -> Offered:
        return self.offers[0]


def case_document(stack: str, steps: Sequence[Step], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an example: all that is made, and what the workload gets; no place in a file."""
    return {"resources": [_resource(stack, step) for step in steps], "outputs": dict(outputs)}


def _resource(stack: str, step: Step) -> dict[str, Any]:
    options = {name: value for name, value in _options(step).items() if value}
    return {
        "resource": step.urn.removeprefix(f"{stack}/"),
        "action": step.action,
        "properties": dict(step.properties),
        **({"options": options} if options else {}),
    }


def _options(step: Step) -> dict[str, Any]:
    names = ("protect", "retain_on_delete", "ignore_changes", "replace_on_changes", "delete_before_replace", "provider")
    found = {name: getattr(step.options, name) for name in names}
    return {name: list(value) if isinstance(value, tuple | frozenset) else value for name, value in found.items()}
