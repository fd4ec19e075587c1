"""`roadbed jobs`."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from typer.core import TyperGroup

from roadbed.cli import names
from roadbed.cli.group import PlainCommand, command_group, examples, nearest
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.job_view import listed, runs_listed
from roadbed.cli.logs import render
from roadbed.cli.output import Format, say, show, show_each
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Application, Environment, Output
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, NotFound, OperationFailed

if TYPE_CHECKING:
    from roadbed.client.models import JobRun

_LONGEST_S = 8 * 86_400
"""A run may take a week; while it writes nothing its stream waits."""


class _JobsGroup(TyperGroup):
    """`roadbed jobs [APP]` lists: what names no command of the group goes to `list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        words = list(takewhile(lambda word: not word.startswith("-"), args))
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            if len(words) > 1 and (meant := nearest(words[0], list(self.commands))):
                raise InvalidInput(f"there is no command `jobs {words[0]}`", hint=f"did you mean `jobs {meant}`?")
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = command_group()
jobs = command_group(
    cls=_JobsGroup,
    help="Show what runs by the clock, run it by hand, read its logs.",
    epilog=examples(
        "roadbed jobs                     those of this directory's application, and when each runs next",
        "roadbed jobs orders -e prod",
        "roadbed jobs run orders report   now, and shows what it prints",
        "roadbed jobs logs orders report  of the last run",
    ),
)
app.add_typer(jobs, name="jobs")

Words: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="[APP] JOB", help="The application, and the job.", autocompletion=names.jobs),
]


@jobs.command("list", cls=PlainCommand, epilog=examples("roadbed jobs", "roadbed jobs list orders -o json"))
def list_(
    application: Application = None, environment: Environment = DEFAULT_ENVIRONMENT, output: Output = Format.text
) -> None:
    """List the jobs: when each runs next, and how its last run ended."""
    name, client = application_or_here(application), Client.found()
    with suggesting(client, name):
        listing = client.jobs.list(name, environment)
    if output is Format.text and not listing["items"]:
        say(f"Nothing of {name} runs by the clock in {environment}. Declare it in roadbed.yaml: jobs.NAME")
        return
    show(listing, output, listed)


@jobs.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed jobs run orders report            now, and shows what it prints",
        "roadbed jobs run report --detach -o json  the application of this directory",
    ),
)
def run(
    words: Words,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Don't wait for its end.")] = False,
    output: Output = Format.text,
) -> None:
    """Run a job now, also one that is suspended.

    Exits with 1 when the run fails.
    """
    name, job = _which(words, "run")
    client = Client.found(timeout=_LONGEST_S)
    with suggesting(client, name):
        begun = client.jobs.run(name, environment, job)
    if output is Format.text:
        say(f"Run {begun['number']} of {job} begins.")
    if not detach:
        entries = client.jobs.logs(name, environment, job, begun["number"], lines=1000, follow=True)
        if output is Format.text:
            show_each(entries, output, render)
        else:
            for _ in entries:
                pass
        begun = _ended(client, name, environment, job, begun)
    show(begun, output, lambda one, _style: "" if detach else f"run {one['number']} {one['state']}")
    if begun["state"] in ("failed", "stopped"):
        raise OperationFailed(f"run {begun['number']} of {job} {begun['state']}: {begun['reason']}")


@jobs.command(
    cls=PlainCommand, epilog=examples("roadbed jobs history orders report", "roadbed jobs history report -o json")
)
def history(words: Words, environment: Environment = DEFAULT_ENVIRONMENT, output: Output = Format.text) -> None:
    """List the runs of a job that are kept, the newest first, and the times that made none."""
    name, job = _which(words, "history")
    client = Client.found()
    with suggesting(client, name):
        listing = client.jobs.runs(name, environment, job)
    if output is Format.text and not listing["items"]:
        say(f"{job} has not run yet. Run it: roadbed jobs run {name} {job}")
        return
    show(listing, output, runs_listed)


@jobs.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed jobs logs orders report      of the last run",
        "roadbed jobs logs orders report 12   of run 12",
        "roadbed jobs logs report -f          to its end",
    ),
)
def logs(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[APP] JOB [RUN]", help="The job, and the run's number.", autocompletion=names.jobs),
    ],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run ends.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, max=10_000, help="How many of the past.")] = 1000,
    environment: Environment = DEFAULT_ENVIRONMENT,
    output: Output = Format.text,
) -> None:
    """Show what a run of a job printed."""
    number = int(words[-1]) if len(words) > 1 and words[-1].removeprefix("#").isdecimal() else None
    name, job = _which(words[:-1] if number is not None else words, "logs")
    client = Client.found(timeout=_LONGEST_S) if follow else Client.found()
    with suggesting(client, name):
        if number is None:
            number = _last(client, name, environment, job)
        entries = client.jobs.logs(name, environment, job, number, lines=lines, follow=follow)
        if follow or output is Format.text:
            show_each(entries, output, render)
        else:
            show({"items": list(entries)}, output, lambda _data, _style: "")


@jobs.command(cls=PlainCommand, epilog=examples("roadbed jobs suspend orders report", "roadbed jobs suspend report"))
def suspend(words: Words, environment: Environment = DEFAULT_ENVIRONMENT, output: Output = Format.text) -> None:
    """Have a job rest: its times pass, and nothing runs. What runs of it goes on."""
    _change(words, environment, output, suspended=True)


@jobs.command(cls=PlainCommand, epilog=examples("roadbed jobs resume orders report", "roadbed jobs resume report"))
def resume(words: Words, environment: Environment = DEFAULT_ENVIRONMENT, output: Output = Format.text) -> None:
    """Have a job go on with the times that come from now on."""
    _change(words, environment, output, suspended=False)


def _change(words: list[str], environment: str, output: Format, *, suspended: bool) -> None:
    name, job = _which(words, "suspend" if suspended else "resume")
    client = Client.found()
    with suggesting(client, name):
        changed = client.jobs.suspend(name, environment, job, suspended=suspended)
    show(changed, output, lambda one, style: listed({"items": [one]}, style))


def _which(words: list[str], command: str) -> tuple[str, str]:
    if len(words) not in (1, 2):
        raise InvalidInput(
            "say which job" if not words else "too many words",
            hint=f"roadbed jobs {command} [APP] JOB, as in `roadbed jobs {command} orders report`",
        )
    return application_or_here(words[0] if len(words) == 2 else None), words[-1]


def _last(client: Client, name: str, environment: str, job: str) -> int:
    last = client.jobs.get(name, environment, job)["last"]
    if last is None:
        raise NotFound(f"{job} has not run yet", hint=f"run it: roadbed jobs run {name} {job}")
    return last["number"]


def _ended(client: Client, name: str, environment: str, job: str, begun: JobRun) -> JobRun:
    """How it ended: its log says so, a moment before its record may."""
    runs = client.jobs.runs(name, environment, job)["items"]
    return next((one for one in runs if one["number"] == begun["number"]), begun)
