"""The variables that somebody must give: code reads them, no default stands beside, and no file says a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from roadbed.detection.domain import Variable, is_secret
from roadbed.detection.environment_reads import code_files
from roadbed.detection.tree import Tree
from roadbed.detection.usable import SET_BY_THE_PLATFORM
from roadbed.workload.document import Place

_NODE = re.compile(
    r"(?:process|import\.meta)\.env(?:\.([A-Z][A-Z0-9_]{1,60})\b|\[\s*[\"']([A-Z][A-Z0-9_]{1,60})[\"']\s*\])"
)
_BEHIND = re.compile(r"[!)\s]*(?:\|\||\?\?|[=!]==?|\?|&&|=(?!=))")
"""What follows a variable that has a default, is compared, or is set."""
_SET_ELSEWHERE = re.compile(
    r"CI|TZ|DEBUG|PATH|USER|PWD|SHELL|LANG|TERM|NODE_ENV|ENV|ENVIRONMENT|LOG_LEVEL|npm_\w+|VIRTUAL_ENV"
)
_ENV_LINE = re.compile(r"^(?:export\s+)?(\w+)\s*=", re.MULTILINE)
DEVELOPMENT = re.compile(r"settings/(local|dev|development|test|tests|testing|ci)\.py$")
_MOST = 40


def required(tree: Tree, suffixes: tuple[str, ...]) -> dict[str, Variable]:
    """By name, of the files that end so. One that may be missing, as far as the code shows, is not required."""
    found: dict[str, Variable] = {}
    given = {name for path in (".env", ".env.production") for name in _ENV_LINE.findall(tree.text(path) or "")}
    for path in code_files(tree):
        for name, line, must in _reads(tree, path, given) if path.endswith(suffixes) else ():
            if name in SET_BY_THE_PLATFORM or _SET_ELSEWHERE.fullmatch(name):
                continue
            if name not in found or (must and not found[name].required):
                found[name] = Variable(name, Place(path, line, 1), "asked", required=must)
    asked = sorted((one for one in found.values() if one.name not in given), key=lambda one: not one.required)
    return {one.name: one for one in asked[:_MOST]}


def _reads(tree: Tree, path: str, given: set[str]) -> Iterator[tuple[str, int, bool]]:
    text = tree.text(path) or ""
    if path.endswith(".py"):
        if ("env" not in text and "config(" not in text and "BaseSettings" not in text) or DEVELOPMENT.search(path):
            return
        from roadbed.detection.python_reads import reads_in

        for read in reads_in(text):
            if read.given:
                given.add(read.name)
            else:
                yield read.name, read.line, read.must
    elif "process.env" in text or "import.meta.env" in text:
        yield from _of_node(text)


def _of_node(text: str) -> Iterator[tuple[str, int, bool]]:
    """JavaScript goes on without: what is called like a secret, and read while the file is loaded, is needed."""
    for number, line in enumerate(text.splitlines(), start=1):
        for match in _NODE.finditer(line[:1_000]):
            name = match[1] or match[2]
            before, behind = line[: match.start()], line[match.end() :]
            if not _BEHIND.match(behind) and not re.match(r"\s*(//|\*|if\b|\}? ?else|.*\bif ?\()", before):
                yield name, number, is_secret(name) and not line[:1].isspace()
