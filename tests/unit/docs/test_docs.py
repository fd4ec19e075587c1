"""What the README and the docs say is so: links lead somewhere, commands and files exist."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

import roadbed
from roadbed.cli.commands import COMMANDS
from roadbed.cli.main import root

ROOT = Path(roadbed.__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
GROUP: Any = get_command(root)

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^ *```(?P<language>\w*)\n(?P<body>.*?)^ *```", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"(?:src|tests|contracts|docs|demo|bench)/[\w./-]*\w/?")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_MADE_LATER = ("bench/out", "src/roadbed/portal/static/dist", "docs/screenshots/out")
_HOSTS = re.compile(
    r"pypi\.org|pythonhosted|npmjs|docker\.io|ghcr\.io|quay\.io|proxy\.golang|crates\.io", re.IGNORECASE
)


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """The page without its fenced blocks, in which brackets mean something else."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings are linked to, as GitHub makes them."""
    found = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(prose(page)))
    return set(found)


def command_lines(page: Path) -> Iterator[list[str]]:
    """The words of each `roadbed …` line of the page's console blocks, without its prompt and remark."""
    for block in _FENCE.finditer(page.read_text(encoding="utf-8")):
        if block["language"] != "console":
            continue
        for line in block["body"].splitlines():
            command, *_remark = re.split(r" {2,}", line.strip().removeprefix("$ "), maxsplit=1)
            words = shlex.split(command, comments=True) if "roadbed" in command else []
            for part in _parts(words):
                if part and part[0].rpartition("/")[2] == "roadbed":
                    yield part[1:]


def _parts(words: list[str]) -> Iterator[list[str]]:
    """`cd orders && roadbed deploy | jq .url` is three commands."""
    part: list[str] = []
    for word in [*words, "&&"]:
        if word in ("&&", "|", ";"):
            yield part
            part = []
        else:
            part.append(word)


def known_options(name: str) -> set[str]:
    context = typer.Context(GROUP)
    commands = _with_those_below(GROUP.get_command(context, name))
    declared = {option for one in commands for parameter in one.params for option in _options(parameter)}
    return declared | {"--help", "-h"}


def _with_those_below(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _with_those_below(below)


def _options(parameter: Any) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link}: there is no such heading"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_exist(page: Path) -> None:
    for words in command_lines(page):
        if not words or words[0].startswith("-"):
            continue
        assert words[0] in COMMANDS, f"there is no command roadbed {words[0]}"
        own = list(itertools.takewhile(lambda word: word != "--", words[1:]))  # what follows is another program's
        options = {word.partition("=")[0] for word in own if re.match(r"-\w$|--\w", word)}
        unknown = options - known_options(words[0])
        assert not unknown, f"roadbed {words[0]} has no {', '.join(sorted(unknown))}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_files_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = {match for quoted in re.findall(r"`([^`\n]+)`", text) for match in _PATH.findall(quoted) if match in quoted}
    for path in named:
        if path.startswith(_MADE_LATER) or "<" in text.partition(path)[2][:1]:
            continue
        assert (ROOT / path).exists(), f"{path} does not exist"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_no_package_registry_is_named(page: Path) -> None:
    assert not _HOSTS.search(page.read_text(encoding="utf-8"))


def test_every_page_of_the_docs_is_reached_from_its_index() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = ((page.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(prose(page)))
        waiting += [target for target in targets if target.suffix == ".md" and target.is_file()]
    assert not set(PAGES) - reached
