"""Which environment variables a tree's code and files read. By pattern: no language is parsed for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from roadbed.detection.tree import Tree, matching
from roadbed.workload.document import Place

_NAME = r"([A-Z][A-Z0-9_]{1,60})"
_PYTHON = re.compile(
    rf"""(?:environ(?:\.get|\.setdefault)?\s*[\[(]|getenv\(|\benv(?:\.\w+)?\(|\bconfig\(|\bEnv\()\s*["']{_NAME}["']"""
)
_NODE = re.compile(
    rf"""(?:process|Bun|import\.meta)\.env(?:\.{_NAME}\b|\[\s*["']{_NAME}["']\s*\])|\benv\("{_NAME}"\)"""
)
_GO = re.compile(rf"""os\.(?:Getenv|LookupEnv)\("{_NAME}"\)|`env:"{_NAME}\b""")
_RUBY = re.compile(rf"""ENV(?:\.fetch\(|\[)\s*["']{_NAME}["']""")
_EXAMPLE = re.compile(rf"""^(?:export\s+)?{_NAME}\s*=""")
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    ".py": _PYTHON,
    **dict.fromkeys((".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".mts", ".prisma"), _NODE),
    ".go": _GO,
    **dict.fromkeys((".rb", ".ru", ".yml", ".yaml", ".erb"), _RUBY),
}
_EXPRESS = "bin/www"
"""Express' generator writes its server there."""
_EXAMPLES = (".env.example", ".env.sample", ".env.template", "env.example", ".env.dist")
_SPEAKS_OF_IT = re.compile(r"env|ENV|config\(|BaseSettings|dj_database_url")
_ASIDE = re.compile(r"(^|/)(tests?|__tests__|spec|docs?|examples?|node_modules|vendor|venv|\.(?!env)[^/]+)/")
_FILES, _LONGEST = 400, 200_000
_DEPTH = 6
_FIELD = re.compile(r"\s+([a-z][a-z0-9_]{1,60})\s*:\s*[A-Za-z]")
_SETTINGS = re.compile(r"class\s+\w+\(.*\bBaseSettings\b")


def environment_reads(tree: Tree) -> dict[str, Place]:
    """By name: where it is read first; code stands before examples of an `.env`."""
    found: dict[str, Place] = {}
    for path in _paths(tree):
        text = tree.text(path) or ""
        if len(text) <= _LONGEST:
            for name, line in _in_text(path, text):
                found.setdefault(name, Place(path, line, 1))
    return found


def code_files(tree: Tree) -> list[str]:
    """Those that may read variables: not what tests, and not what is written about."""
    code = [
        path
        for path in matching(tree, "*", depth=_DEPTH)
        if (_suffix(path) in _PATTERNS or path == _EXPRESS) and not _ASIDE.search(path) and ".test." not in path
    ]
    return code[:_FILES]


def _paths(tree: Tree) -> list[str]:
    return [*code_files(tree), *(path for path in _EXAMPLES if path in tree)]


def _suffix(path: str) -> str:
    return path[path.rfind(".") :] if "." in path else ""


def _in_text(path: str, text: str) -> Iterator[tuple[str, int]]:
    pattern = _EXAMPLE if path in _EXAMPLES else _PATTERNS.get(_suffix(path), _NODE)
    if path not in _EXAMPLES and not _SPEAKS_OF_IT.search(text):
        return
    settings = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith(("#", "//")):
            continue
        for match in pattern.finditer(line[:1_000]):
            yield next(group for group in match.groups() if group), number
        if path.endswith(".py"):
            settings = bool(_SETTINGS.match(line)) or (settings and not (line and not line[0].isspace()))
            if settings and (field := _FIELD.match(line)):
                yield field[1].upper(), number
            if "dj_database_url.config(" in line or "env.db(" in line.replace(" ", ""):
                yield "DATABASE_URL", number
