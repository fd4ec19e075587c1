"""What the code of a Node tree says by itself: a server that no package.json speaks of, a port that is a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from roadbed.detection.evidence import first_line
from roadbed.detection.tree import Tree
from roadbed.workload.document import Place

MAIN = (
    "server.js",
    "index.js",
    "app.js",
    "main.js",
    "src/server.js",
    "src/index.js",
    "src/main.js",
    "server.mjs",
    "index.mjs",
    "app.mjs",
    "main.mjs",
    "server.cjs",
    "index.cjs",
)
_IMPORTS = re.compile(
    r"""(?:\bfrom\s+|\brequire\(\s*|^import\s+)["'](?:node:)?(?:http|https|http2|net)["']""", re.MULTILINE
)
_SERVES = re.compile(r"\bcreate(?:Secure)?Server\s*\(")
_PORT = r"(\d{2,5})\b"
_LISTENS = re.compile(rf"\.listen\(\s*(?:\{{\s*port\s*:\s*)?(?:{_PORT}|(\w+))|\bserve\([^)]*\bport\s*:\s*{_PORT}")
_FILE = re.compile(r"(?<![\w-])\.?/?([\w./-]+\.(?:[cm]?[jt]s)|bin/www)\b")


def own_server(tree: Tree) -> tuple[str, Place] | None:
    """A file at the root that makes a server with nothing but Node, and where it does."""
    for path in (path for path in MAIN if path in tree):
        text = tree.text(path) or ""
        if _IMPORTS.search(text) and (place := first_line(tree, path, _SERVES)) is not None:
            return path, place
    return None


def port_of(tree: Tree, line: str) -> int | None:
    """The number that a command's program listens on, where its file gives one as such."""
    for path in _files(tree, line):
        text = tree.text(path) or ""
        for match in _LISTENS.finditer(text):
            number = match[1] or match[3] or _value(text, match[2])
            if number and 0 < int(number) < 65536:
                return int(number)
    return None


def _files(tree: Tree, line: str) -> Iterator[str]:
    """Those that a line names, also by what they are compiled to."""
    for match in _FILE.finditer(line):
        path = match[1].removeprefix("./")
        source = re.sub(r"^(?:dist|build|lib|out)/(.*)\.[cm]?js$", r"src/\1.ts", path)
        yield from (known for known in dict.fromkeys((path, source)) if known in tree)


def _value(text: str, name: str) -> str | None:
    match = re.search(
        rf"\b(?:const|let|var)\s+{re.escape(name)}\s*(?::\s*number\s*)?=\s*{_PORT}\s*(?:;|$)", text, re.MULTILINE
    )
    return match[1] if match else None
