"""`roadbed policy`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli import names
from roadbed.cli.errors import shows_progress
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Environment, Output
from roadbed.cli.patience import waiting
from roadbed.client.client import Client
from roadbed.kit.errors import OperationFailed

if TYPE_CHECKING:
    from roadbed.client.models import PolicyCases, PolicyCheck

app = command_group()
policy = command_group(
    epilog=examples(
        "roadbed policy list",
        "roadbed policy explain replicas-in-production",
        "roadbed policy check . -e prod       what would be said of this source tree",
        "roadbed policy test policies/ours    run the cases of a pack; needs no platform",
        "roadbed policy report                what stands against policies now",
    ),
)
app.add_typer(policy, name="policy")

_PATIENCE_S = 120.0


@policy.callback()
def about() -> None:
    """See what policies say, check against them, and try them."""


@policy.command("list", cls=PlainCommand, epilog=examples("roadbed policy list", "roadbed policy list -o json"))
def list_policies(output: Output = Format.text) -> None:
    """List the policies, with the level that each has in each environment."""
    from roadbed.cli.policy_view import listed

    show(Client.found().policies.list(), output, listed)


@policy.command("explain", cls=PlainCommand, epilog=examples("roadbed policy explain replicas-in-production"))
def explain_policy(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The policy.", autocompletion=names.policies)],
    output: Output = Format.text,
) -> None:
    """Show why there is a policy, what it refuses, what to do, and which line configures it."""
    from roadbed.cli.policy_view import explained

    show(Client.found().policies.get(name), output, explained)


@policy.command(
    "check",
    cls=PlainCommand,
    epilog=examples(
        "roadbed policy check                 the source tree in this directory, in dev",
        "roadbed policy check . -e prod",
        "roadbed policy check network@dev     what a stack's program declares now",
    ),
)
def check_policies(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="[PATH|STACK]", help="A source tree, or a stack.")] = ".",
    environment: Environment = DEFAULT_ENVIRONMENT,
    application: Annotated[
        str | None, typer.Option("--app", metavar="APP", help="The application; default: what the source calls itself.")
    ] = None,
    output: Output = Format.text,
) -> None:
    """Show what policies say of a source tree or a stack, without a plan. Ends with 1 if one refuses it."""
    from roadbed.cli.policy_view import checked

    found = _checked(what, environment, application, output)
    show(found, output, checked)
    if found["refused"]:
        count = sum(1 for verdict in found["verdicts"] if verdict.get("refuses"))
        raise OperationFailed(f"policies refuse {found['stack']}", hint=f"{count} of the findings above must be mended")


def _checked(what: str, environment: str, application: str | None, output: Format) -> PolicyCheck:
    from roadbed.cli.shipping import ship
    from roadbed.cli.stack_names import check_stack, looks_like_stack, suggesting_stack

    client = Client.found(timeout=_PATIENCE_S)
    if looks_like_stack(what):
        stack = check_stack(what)
        with suggesting_stack(client, stack):
            return client.policies.check_stack(stack)
    shipped = ship(client, what, None, application, output=output)
    return client.policies.check_application(shipped.application, environment, shipped.digest)


@policy.command(
    "test",
    cls=PlainCommand,
    epilog=examples(
        "roadbed policy test                  every policy of the platform",
        "roadbed policy test security         one of its packs",
        "roadbed policy test ./policies       a folder of this machine: needs no platform",
    ),
)
def try_policies(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[PACK|PATH]", help="A pack of the platform, or a folder.", show_default=False),
    ] = None,
    output: Output = Format.text,
) -> None:
    """Run the cases that policies bring along: what each must refuse, and what it must let pass."""
    from roadbed.cli.policy_view import failures, tried

    found = _tried(what, progress=shows_progress(output is not Format.text))
    show(found, output, tried)
    if count := failures(found):
        raise OperationFailed(f"{count} of {len(found['items'])} cases are not as they should be", hint="see above")


def _tried(what: str | None, *, progress: bool) -> PolicyCases:
    """What exists as a folder, or is written as one, is one."""
    if what is not None and ("/" in what or what.startswith(".") or Path(what).is_dir()):
        from roadbed.cli.policy_cases import try_folder

        return try_folder(Path(what))
    client = Client.found(timeout=_PATIENCE_S)
    with waiting("Running the cases", shown=progress):
        return client.policies.cases(what)


@policy.command("report", cls=PlainCommand, epilog=examples("roadbed policy report", "roadbed policy report -e prod"))
def report_policies(
    environment: Annotated[
        str | None,
        typer.Option("--environment", "-e", metavar="ENV", help="Only this one.", autocompletion=names.environments),
    ] = None,
    output: Output = Format.text,
) -> None:
    """Show what stands against policies, by the newest plan of each stack: by policy, and by stack with its owner."""
    from roadbed.cli.policy_view import reported

    show(Client.found().policies.report(environment), output, reported)
