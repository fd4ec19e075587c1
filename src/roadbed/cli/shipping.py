"""Has the platform take what a deploy, a plan or a build was given, and shows what is understood of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roadbed.cli.directories import check_directory
from roadbed.cli.errors import shows_progress
from roadbed.cli.here import application_in, application_or_here, names_score_files
from roadbed.cli.namesakes import namesake
from roadbed.cli.output import Format, say
from roadbed.cli.proposals import accepted_needs, show_understood
from roadbed.cli.sending import send
from roadbed.cli.source.given import Given, source_of
from roadbed.cli.standing_needs import standing_in
from roadbed.cli.style import is_terminal
from roadbed.cli.text import clean
from roadbed.client.client import Client
from roadbed.detection.beside import beside
from roadbed.kit.names import check_label

if TYPE_CHECKING:
    from roadbed.client.models import Understood

_SAY_WHAT_RUNS = ("score.yaml", "score.yml", "roadbed.py")
"""With one of them there is nothing to understand, and no time to be spent on it."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A source that the platform has, and under which name. `understood` is None where it says itself what runs;
    `kind` and `url` say where it came from. The name is `guessed` where neither a file of ours nor a person gave it.
    """

    application: str
    digest: str
    kind: str
    url: str | None = None
    understood: Understood | None = None
    guessed: bool = False


def ship(
    client: Client, source: str, ref: str | None, application: str | None, *, output: Format, every: bool = False
) -> Shipped:
    """With `every` line of what is understood of it, or the first few.

    Raises InvalidInput for what is no source, or says of nothing that it runs."""
    progress = shows_progress(output is Format.json)
    with source_of(source, ref) as given:
        if given.url is not None:
            return _fetched(client, given, application, progress=progress, every=every)
        name, understood = _looked_at(given.directory, application, progress=progress, every=every)
        guessed = understood is not None and application is None and application_in(given.directory) is None
        if progress and given.leaves_changes:
            say(f"note: {given.ref} is what goes: changes in {source} that are not committed stay out")
        digest = send(client, given, progress=progress).digest
        return Shipped(name, digest, given.kind, understood=understood, guessed=guessed)


def accepted(
    client: Client, shipped: Shipped, environment: str, *, yes: bool, output: Format, asks: bool = True
) -> list[str]:
    """The names of the needs of what was understood that the application is given."""
    if shipped.understood is None:
        return []
    if shipped.guessed and shows_progress(output is Format.json):
        _say_of_namesake(client, shipped, environment)
    needs = shipped.understood["needs"]
    known = () if yes else standing_in(client, shipped.application, needs, environment)
    asks = asks and output is Format.text and is_terminal(sys.stdin)
    return accepted_needs(needs, yes=yes, asks=asks, known=known)


def _say_of_namesake(client: Client, shipped: Shipped, environment: str) -> None:
    if sentence := namesake(client, shipped.application, environment, shipped.kind, shipped.url):
        say(f"note: {clean(sentence)}")


def _fetched(client: Client, given: Given, application: str | None, *, progress: bool, every: bool) -> Shipped:
    """The platform alone has read it."""
    found = send(client, given, progress=progress)
    if progress and found.understood is not None:
        show_understood(found.understood, every=every)
    name = check_label(application or found.application, "the application")
    guessed = found.understood is not None and application is None
    return Shipped(name, found.digest, given.kind, given.url, found.understood, guessed)


def _looked_at(path: Path, application: str | None, *, progress: bool, every: bool) -> tuple[str, Understood | None]:
    """What a directory is called, and what is understood of one without a Score file, which is shown."""
    root = check_directory(path)
    if any((root / name).is_file() for name in _SAY_WHAT_RUNS) or names_score_files(root):
        return _as_it_is(root, application, progress=progress), None
    from roadbed.cli import understanding
    from roadbed.detection.said import says_what_runs

    name = None if application is None else check_label(application, "the application")
    directory = understanding.open_directory(root)
    if says_what_runs(directory.read):
        return _as_it_is(root, application, progress=progress), None
    found = understanding.detect_in(root, directory, name or application_in(root))
    understood = understanding.proposals_of(found)
    if progress:
        show_understood(understood, every=every)
    return found.name, understood


def _as_it_is(root: Path, application: str | None, *, progress: bool) -> str:
    """What one is called that says itself what runs. What lies beside that, and isn't read, is named."""
    if progress and (problem := beside(lambda name: (root / name).is_file())) is not None:
        say(f"note: {problem.message} ({problem.hint})")
    return application_or_here(application, root)
