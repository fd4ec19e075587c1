"""`roadbed init`."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from roadbed.cli.directories import check_directory
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.here import application_in
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Output
from roadbed.cli.proposals import accepted_needs
from roadbed.cli.style import Style, is_terminal
from roadbed.cli.text import clean
from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import check_label
from roadbed.workload.files import CATALOG_FILES

app = command_group()


@app.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed init                        this directory",
        "roadbed init ./orders --yes         with the databases that it needs",
        "roadbed init --need db              with one of them",
        "roadbed init --force                write the files again",
    ),
)
def init(
    path: Annotated[Path, typer.Argument(metavar="[PATH]", help="The directory that holds the source.")] = Path(),
    application: Annotated[
        str | None, typer.Option("--app", "-a", metavar="APP", help="What the application is called.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Add all that it needs, without asking.")] = False,
    need: Annotated[
        list[str] | None, typer.Option("--need", metavar="NAME", help="Add this that the code lets guess; repeatable.")
    ] = None,
    no_needs: Annotated[bool, typer.Option("--no-needs", help="Add nothing that it needs.")] = False,
    force: Annotated[bool, typer.Option("--force", "-f", help="Write over files that are there.")] = False,
    output: Output = Format.text,
) -> None:
    """Write down what a source tree runs.

    Reads Procfile, app.json, railway.json, render.yaml, fly.toml, a compose file, what manages the packages, and the
    code; says what it understood and why; writes a Score file for each process, roadbed.yaml and catalog-info.yaml.
    What a file states that it needs is added, and what the application has already where it is deployed: the platform,
    if one is known, is asked for that. What only the code lets guess is added when you say so. A tree with a Score file
    is left as it is, and so is a catalog-info.yaml.
    """
    from roadbed.cli.standing_needs import standing_anywhere
    from roadbed.cli.understanding import detect_in, open_directory, proposals_of
    from roadbed.detection.rendered import rendered
    from roadbed.detection.said import says_what_runs
    from roadbed.detection.summary import summary

    name = None if application is None else check_label(application, "the application")
    root = check_directory(path)
    directory = open_directory(root)
    if not force and says_what_runs(directory.read):
        raise InvalidInput(
            f"{root} has files that say what runs", hint="deploy it: roadbed deploy; or write them anew: --force"
        )
    found = detect_in(root, directory, name or _named_before(root))
    if output is Format.text:
        _show_summary(summary(found))
    proposed = proposals_of(found)["needs"]
    if no_needs:
        needs = []
    elif need:
        standing = standing_anywhere(found.name, proposed)
        needs = list(dict.fromkeys((*_named(need, list(found.needs)), *found.stated, *standing)))
    else:
        asks = output is Format.text and is_terminal(sys.stdin)
        known = () if yes else standing_anywhere(found.name, proposed)
        needs = accepted_needs(proposed, yes=yes, asks=asks, hint="`--yes --force` writes it, too", known=known)
    files = rendered(found, needs)
    kept = _without_their_own(root, files)
    _write(root, files, force=force)
    data = {
        "application": found.name,
        "directory": str(root),
        "files": files,
        "kept": kept,
        "understood": summary(found),
        "needs": [{"name": one.name, "type": one.type, "added": one.name in needs} for one in found.needs.values()],
    }
    show(data, output, _written)


def _named_before(root: Path) -> str | None:
    """A file that can't be read may be what is to be written anew."""
    with suppress(InvalidInput):
        return application_in(root)
    return None


def _named(asked: list[str], known: list[str]) -> list[str]:
    for name in asked:
        if name not in known:
            there = ", ".join(known) or "nothing"
            raise InvalidInput(f"it doesn't need {name!r}", hint=f"it needs: {there}")
    return asked


def _show_summary(lines: list[str]) -> None:
    for line in lines:
        say(clean(line))


def _without_their_own(root: Path, files: dict[str, str]) -> list[str]:
    """A team that has its service in a catalog already goes on saying itself what it is: that file is left alone."""
    kept = [name for name in CATALOG_FILES if (root / name).exists()]
    if kept:
        del files[CATALOG_FILES[0]]
    return kept


def _write(root: Path, files: dict[str, str], *, force: bool) -> None:
    """All of them or none, as far as that can be known before."""
    there = [name for name in files if (root / name).exists() or (root / name).is_symlink()]
    if there and not force:
        raise InvalidInput(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already", hint="write over: --force"
        )
    for name, text in files.items():
        target = root / name
        try:
            target.parent.mkdir(exist_ok=True)
            target.unlink(missing_ok=True)
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InvalidInput(f"can't be written: {error.strerror}", file=name) from error


def _written(data: dict[str, Any], style: Style) -> str:
    names = "\n".join(f"  {style.paint(name, 'bold')}" for name in data["files"])
    where = data["directory"]
    go = "roadbed deploy" if where == "." else f"roadbed deploy {where}"
    kept = "".join(f"{name} is left as it is.\n" for name in data["kept"])
    return f"Written for {data['application']}:\n{names}\n{kept}Read them, change what is wrong, then: {go}"
