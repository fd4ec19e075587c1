"""`roadbed platform`: what the platform team offers, tried and published."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from roadbed.cli.errors import shows_progress
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, confirmed, say, show
from roadbed.cli.parameters import Output
from roadbed.cli.patience import waiting
from roadbed.cli.platform_folder import block_folders, platform_repo, texts
from roadbed.cli.text import plural
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, OperationFailed, Refused

if TYPE_CHECKING:
    from roadbed.cli.platform_offline import Offline
    from roadbed.client.blocks import BlockCase, Blocks, Impact

app = command_group()
platform = command_group(
    epilog=examples(
        "roadbed platform new block mysql          write a building block to begin with",
        "roadbed platform test mysql               plan its examples, compare them with what is kept",
        "roadbed platform diff mysql               what publishing it would change, and where",
        "roadbed platform publish mysql            use it in development",
        "roadbed platform publish mysql --to prod  bring it on",
        "roadbed platform versions                 which version each environment uses",
        "roadbed platform check                    everything that is wrong in the platform repo",
    ),
)
app.add_typer(platform, name="platform")
new = command_group(epilog=examples("roadbed platform new block mysql", "roadbed platform new module database-server"))
platform.add_typer(new, name="new")

_PATIENCE_S = 120.0

Repo = Annotated[
    Path | None,
    typer.Option("--repo", metavar="PATH", help="The platform repo; default: the one around here.", show_default=False),
]
BlockName = Annotated[str | None, typer.Argument(metavar="[BLOCK]", help="Its name or folder; default: all of them.")]
OfflineOption = Annotated[
    bool, typer.Option("--offline", help="On this machine, without a platform: with the groups of the repo's files.")
]
ToEnvironment = Annotated[str | None, typer.Option("--to", metavar="ENV", help="Bring a published version here.")]
DeleteData = Annotated[bool, typer.Option("--delete-data", help="Also where data would be lost.")]
BreakStacks = Annotated[
    bool, typer.Option("--break-stacks", help="Also where a stack could not be planned any more until it is changed.")
]


@platform.callback()
def about() -> None:
    """Write what the platform offers: try it, see what it changes, publish it."""


@new.callback()
def about_new() -> None:
    """Write a building block or a module to begin with."""


@new.command("block", cls=PlainCommand, epilog=examples("roadbed platform new block mysql --owner group:default/data"))
def new_block(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The type that people will ask for.")],
    owner: Annotated[str, typer.Option("--owner", metavar="GROUP", help="Who keeps it.")] = "group:default/platform",
    repo: Repo = None,
    output: Output = Format.text,
) -> None:
    """Write a building block that passes its own test."""
    from roadbed.platform import scaffolds

    folder = platform_repo(repo)
    made = _write(folder, f"provisioners/{_label(name)}", scaffolds.block(name, owner))
    _told(made, output, f"Next: edit provisioners/{name}/block.py, then: roadbed platform test {name}")


@new.command("module", cls=PlainCommand, epilog=examples("roadbed platform new module database-server"))
def new_module(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the stack is called: NAME@ENV.")],
    like: Annotated[
        str | None, typer.Option("--like", metavar="WHAT", help="Begin with one of: database, network, backups.")
    ] = None,
    owner: Annotated[str, typer.Option("--owner", metavar="GROUP", help="Who keeps it.")] = "group:default/platform",
    repo: Repo = None,
    output: Output = Format.text,
) -> None:
    """Write a module: a stack of the platform team, whose exports others use."""
    from roadbed.platform import module_scaffolds

    folder = platform_repo(repo)
    made = _write(folder, f"modules/{_label(name)}", module_scaffolds.module(name, owner, like or "database"))
    _told(made, output, f"Next: edit modules/{name}/roadbed.py, then: roadbed plan {name}@dev")


def _label(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name):
        raise InvalidInput(f"{name!r} can't be a name here", hint="use small letters, digits and -")
    return name


def _write(repo: Path, where: str, files: Any) -> dict[str, Any]:
    """Nothing that is there already is written over."""
    folder = repo / where
    if folder.exists():
        raise InvalidInput(f"{folder} is there already", hint="choose another name, or edit what is there")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return {"folder": str(folder), "files": sorted(files)}


def _told(made: dict[str, Any], output: Format, following: str) -> None:
    show(made, output, lambda found, _style: "\n".join(f"{found['folder']}/{file}" for file in found["files"]))
    if output is Format.text:
        say(following)


@platform.command(
    "test",
    cls=PlainCommand,
    epilog=examples(
        "roadbed platform test                   every building block of the repo",
        "roadbed platform test mysql",
        "roadbed platform test mysql --update    keep what comes of its examples now",
        "roadbed platform test --offline         without a platform, as for a pull request",
    ),
)
def try_blocks(
    name: BlockName = None,
    update: Annotated[bool, typer.Option("--update", help="Keep what comes of the examples now.")] = False,
    offline: OfflineOption = False,
    repo: Repo = None,
    output: Output = Format.text,
) -> None:
    """Plan the examples of building blocks, and compare them with what is kept in their `golden/`."""
    from roadbed.cli.platform_view import tried

    blocks, found = _blocks(offline=offline), cast("list[BlockCase]", [])
    folders = block_folders(platform_repo(repo), name)
    with waiting("Planning the examples", shown=shows_progress(output is not Format.text)):
        for folder in folders:
            cases = blocks.cases(folder.name, texts(folder, folder.name))
            found += _updated(folder, cases) if update else cases
    if not folders:
        say("The platform repo has no building block yet: roadbed platform new block NAME")
    show({"items": found}, output, tried)
    _refuse_wrong(found)


def _blocks(*, offline: bool) -> Blocks | Offline:
    from roadbed.cli.platform_offline import Offline

    return Offline() if offline else Client.found(timeout=_PATIENCE_S).blocks


def _refuse_wrong(found: Sequence[BlockCase]) -> None:
    failed = sum(case["state"] == "failed" for case in found)
    if failed:
        told = f"{failed} of {plural(len(found), 'example')} {'fails' if failed == 1 else 'fail'}"
        raise OperationFailed(told, hint="mend what is said above, then test it again")
    if wrong := [case for case in found if case["state"] != "same"]:
        hint = "what is meant so is kept with --update"
        raise OperationFailed(f"{len(wrong)} of {len(found)} examples are not as they are kept", hint=hint)


def _updated(folder: Path, cases: Sequence[BlockCase]) -> list[BlockCase]:
    """Keeps what comes of each example, and forgets those that are no more."""
    kept = {case["file"] for case in cases}
    for file in sorted((folder / "golden").glob("*.json")):
        if file.relative_to(folder).as_posix() not in kept and all(case["state"] != "failed" for case in cases):
            file.unlink()
    for case in cases:
        if case["state"] in ("new", "changed"):
            path = folder / case["file"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(case["planned"], encoding="utf-8")
    done = [{**case, "state": "same", "kept": case["planned"]} for case in cases if case["state"] != "failed"]
    return [*cast("list[BlockCase]", done), *(case for case in cases if case["state"] == "failed")]


@platform.command(
    "check",
    cls=PlainCommand,
    epilog=examples(
        "roadbed platform check",
        "roadbed platform check --repo ./platform",
        "roadbed platform check --offline    without a platform, as for a pull request",
    ),
)
def check_repo(offline: OfflineOption = False, repo: Repo = None, output: Output = Format.text) -> None:
    """Check all of the platform repo: blocks, provisioners, modules, policies, environments, prices, golden paths."""
    from roadbed.cli.platform_view import checked

    folder = platform_repo(repo)
    with waiting("Checking the platform repo", shown=shows_progress(output is not Format.text)):
        found = _blocks(offline=offline).check_repo(texts(folder, str(folder)))
    show(found, output, checked)
    if count := len(found["problems"]):
        raise OperationFailed(
            f"{count} {'thing is' if count == 1 else 'things are'} wrong in {folder}", hint="see above"
        )


@platform.command(
    "diff",
    cls=PlainCommand,
    epilog=examples(
        "roadbed platform diff mysql                 against what was published last",
        "roadbed platform diff mysql --to prod       what bringing the newest version to prod would change",
    ),
)
def diff_block(
    name: BlockName = None,
    to: ToEnvironment = None,
    version: Annotated[str | None, typer.Option("--version", metavar="VERSION", help="With --to; the newest.")] = None,
    repo: Repo = None,
    output: Output = Format.text,
) -> None:
    """Show what publishing would change: for whoever asks for the block, and in which stacks."""
    from roadbed.cli.platform_view import foreseen

    _refuse_version_alone(to, version)
    client = Client.found(timeout=_PATIENCE_S)
    with waiting("Looking at the stacks", shown=shows_progress(output is not Format.text)):
        if to is not None:
            found = [client.blocks.promotion(_needed(name), to, version)]
        else:
            folders = block_folders(platform_repo(repo), name)
            found = [client.blocks.impact(folder.name, texts(folder, folder.name)) for folder in folders]
    show({"items": found}, output, foreseen)


def _needed(name: str | None) -> str:
    if name is None:
        raise InvalidInput("which building block?", hint="name it: roadbed platform publish BLOCK --to ENV")
    return Path(name).name


@platform.command(
    "publish",
    cls=PlainCommand,
    epilog=examples(
        "roadbed platform publish mysql -m 'larger by default'",
        "roadbed platform publish mysql --to prod",
        "roadbed platform publish mysql --to prod --version 1.2.0   go back to an earlier one",
    ),
)
def publish_block(
    name: Annotated[str, typer.Argument(metavar="BLOCK", help="Its name or folder.")],
    to: ToEnvironment = None,
    version: Annotated[str | None, typer.Option("--version", metavar="VERSION", help="With --to; the newest.")] = None,
    message: Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="What is new in it.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    delete_data: DeleteData = False,
    break_stacks: BreakStacks = False,
    repo: Repo = None,
    output: Output = Format.text,
) -> None:
    """Publish a version of a building block, or bring one to another environment.

    Its examples must be as they are kept. A new version is used in the environments for development at once, and
    elsewhere once it is brought there. What breaks what asks for it needs a new first number.
    """
    from roadbed.cli.platform_view import impacts, published

    _refuse_version_alone(to, version)
    client = Client.found(timeout=_PATIENCE_S)
    files: dict[str, str] = {}
    with waiting("Looking at the stacks", shown=shows_progress(output is not Format.text)):
        if to is None:
            (folder,) = block_folders(platform_repo(repo), name)
            files = texts(folder, folder.name)
            impact = client.blocks.impact(folder.name, files)
        else:
            impact = client.blocks.promotion(_needed(name), to, version)
    if output is Format.text:
        show({"items": [impact]}, output, impacts)
    allowed = {"delete_data": delete_data, "break_stacks": break_stacks}
    if not _refused(impact, **allowed):
        _confirm(impact, yes=yes)
    if to is None:
        done = client.blocks.publish(impact["name"], files, message, **allowed)
    else:
        done = client.blocks.promote(impact["name"], to, impact["version"], **allowed)
    show(done, output, published)


def _refuse_version_alone(to: str | None, version: str | None) -> None:
    if version is not None and to is None:
        hint = "a new version is what block.py says; to use an earlier one again: --to ENV --version VERSION"
        raise InvalidInput("--version is of no use without --to", hint=hint)


def _refused(impact: Impact, *, delete_data: bool, break_stacks: bool) -> bool:
    """Whether the platform will say no: then nobody is asked whether they mean it."""
    broken = any(stack["problems"] for stack in impact["stacks"])
    return impact["refused"] is not None or (impact["loses_data"] and not delete_data) or (broken and not break_stacks)


def _confirm(impact: Impact, *, yes: bool) -> None:
    if yes or not sys.stdin.isatty():
        return
    where = ", ".join(impact["before"]) or "no environment yet"
    if not confirmed(f"Use {impact['name']} {impact['version']} in {where}?"):
        raise Refused("nothing was published")


@platform.command(
    "versions",
    cls=PlainCommand,
    epilog=examples("roadbed platform versions", "roadbed platform versions mysql -o json"),
)
def list_versions(name: BlockName = None, output: Output = Format.text) -> None:
    """Show which version of each building block every environment uses; of one, all that were published."""
    from roadbed.cli.platform_view import versions_of_one, versions_table

    client = Client.found(timeout=_PATIENCE_S)
    if name is not None:
        show(client.blocks.get(Path(name).name), output, versions_of_one)
        return
    found = client.blocks.list()
    if output is Format.text and not found["items"]:
        say("No building block was published yet: roadbed platform publish BLOCK")
        return
    show(found, output, versions_table)
