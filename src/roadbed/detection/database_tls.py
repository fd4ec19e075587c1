"""Code that wants its PostgreSQL by TLS only: the platform's own, which is reached on its machine alone, has none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from roadbed.detection.domain import Need
from roadbed.detection.environment_reads import code_files
from roadbed.detection.evidence import shown
from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

_PYTHON = re.compile(
    r"ssl_require\s*=\s*(?!False\b)\S|sslmode[\"']?\s*[=:]\s*[\"']?(?:require|verify-ca|verify-full)\b"
)
_NODE = re.compile(r"\brejectUnauthorized\b|\bssl\s*:\s*(?:true\b|\{)|sslmode=(?:require|verify-ca|verify-full)\b")
_OF_DATABASE = re.compile(r"\bPool\b|\bClient\b|\bpg\b|knex|[sS]equelize|DATABASE|dialect|postgres|DataSource|drizzle")
_NEAR = 6
"""Lines around it in which JavaScript says what the connection leads to."""
_SWITCH = re.compile(r"\b([A-Z][A-Z0-9_]*(?:SSL|TLS)[A-Z0-9_]*)\b")


def demands_tls(tree: Tree, needs: Mapping[str, Need], name: str) -> Iterator[Problem]:
    """The first place of each file where a connection without TLS is refused. `name` is the application's."""
    if not any(need.type == "postgres" for need in needs.values()):
        return
    for path in code_files(tree):
        found = _in_python(tree, path) if path.endswith(".py") else _in_node(tree, path)
        if found is None:
            continue
        number, line = found
        place = Place(path, number, 1)
        message = f"this wants the database by TLS, and PostgreSQL here has none: {shown(line.strip())}"
        if switch := _SWITCH.search(line):
            yield place.problem(message, f"if {switch[1]} decides it: roadbed config {name} set {switch[1]}=false")
        elif "NODE_ENV" in line:
            hint = f"NODE_ENV decides it, with other things: roadbed config {name} set NODE_ENV=staging"
            yield place.problem(message, hint)
        else:
            yield place.problem(message, "let a variable decide it, one that is set where the database has TLS")


def _in_python(tree: Tree, path: str) -> tuple[int, str] | None:
    lines = (tree.text(path) or "").splitlines()
    wanted = ((number, line) for number, line in enumerate(lines, start=1) if _PYTHON.search(line))
    return next(((number, line) for number, line in wanted if not line.lstrip().startswith("#")), None)


def _in_node(tree: Tree, path: str) -> tuple[int, str] | None:
    lines = (tree.text(path) or "").splitlines()
    for index, line in enumerate(lines):
        near = "\n".join(lines[max(0, index - _NEAR) : index + _NEAR])
        if _NODE.search(line) and not line.lstrip().startswith(("//", "*")) and _OF_DATABASE.search(near):
            return index + 1, line
    return None
