"""What a plan of a stack can be asked for, on the command line and of the platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from roadbed.cli.patience import waiting
from roadbed.cli.plan_view import refuses
from roadbed.cli.stack_names import suggesting_stack
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from roadbed.client.models import Plan

_PATIENCE_S = 900.0
"""A plan that looks at a slow world takes its time."""

Targets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--target", "-t", metavar="RESOURCE", help="Only this resource: URN, path, name or pattern (web/*); repeatable."
    ),
]
TargetDependents: TypeAlias = Annotated[
    bool, typer.Option("--target-dependents", help="With --target: also all that depends on them.")
]
Replace: TypeAlias = Annotated[
    list[str] | None, typer.Option("--replace", metavar="RESOURCE", help="Replace this resource; repeatable.")
]
Refresh: TypeAlias = Annotated[bool, typer.Option("--refresh", help="Look first at what there really is.")]
Destroy: TypeAlias = Annotated[bool, typer.Option("--destroy", help="Plan to delete everything.")]
Detail: TypeAlias = Annotated[
    bool,
    typer.Option("--detail", help="Show each step and every value whole (JSON: also what stays)."),
]
Cost: TypeAlias = Annotated[
    bool, typer.Option("--cost", help="Show what each resource costs and emits by the month, before and after.")
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]


def refuse_if_forbidden(plan: Plan) -> None:
    """Raises Refused, with what mends it and what lets it pass, for a plan that breaks a mandatory policy."""
    broken = [verdict for verdict in plan.get("verdicts") or () if refuses(verdict)]
    if broken:
        names = sorted({verdict["policy"] for verdict in broken})
        waiver = f"or ask for a waiver: roadbed waiver request {names[0]} --for {plan['stack']} --why REASON --days 30"
        raise Refused(
            f"plan {plan['number']} of {plan['stack']} breaks a policy: {', '.join(names)}",
            hint="\n".join(filter(None, (broken[0].get("remedy"), waiver))),
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """How a plan is asked for. Raises InvalidInput for an option that says nothing without another."""

    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    replace: tuple[str, ...] = ()
    refresh: bool = False
    destroy: bool = False

    def __post_init__(self) -> None:
        if self.target_dependents and not self.targets:
            raise InvalidInput("--target-dependents says nothing without --target", hint="name one: --target RESOURCE")

    def given(self) -> list[str]:
        """The options that were given, as they are written."""
        options = {
            "--target": self.targets,
            "--target-dependents": self.target_dependents,
            "--replace": self.replace,
            "--refresh": self.refresh,
            "--destroy": self.destroy,
        }
        return [name for name, value in options.items() if value]


def make_plan(stack: str, wish: Wish, *, all: bool = False, progress: bool = True) -> Plan:
    """Has the platform make a plan; without `all`, what stays as it is doesn't travel."""
    client = Client.found(timeout=_PATIENCE_S)
    with suggesting_stack(client, stack), waiting(f"Planning {stack}", shown=progress):
        return client.stacks.plan(
            stack,
            targets=wish.targets,
            target_dependents=wish.target_dependents,
            replace=wish.replace,
            refresh=wish.refresh,
            destroy=wish.destroy,
            all=all,
        )
