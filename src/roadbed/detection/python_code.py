"""Finds what a Python tree runs, by reading its code and never running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from roadbed.detection.tree import Tree, matching
from roadbed.workload.document import Place

Kind: TypeAlias = Literal["asgi", "wsgi", "django", "celery", "streamlit", "http.server"]

_CLASSES: Mapping[str, Kind] = {
    "fastapi.FastAPI": "asgi",
    "starlette.applications.Starlette": "asgi",
    "litestar.Litestar": "asgi",
    "quart.Quart": "asgi",
    "blacksheep.Application": "asgi",
    "flask.Flask": "wsgi",
    "falcon.App": "wsgi",
    "falcon.asgi.App": "asgi",
    "pyramid.config.Configurator": "wsgi",
    "bottle.Bottle": "wsgi",
    "bottle.default_app": "wsgi",
    "celery.Celery": "celery",
}
_FRAMEWORKS = re.compile(
    "|".join(sorted({name.partition(".")[0] for name in _CLASSES} | {"streamlit", r"http\.server"}))
)
_LIKELY = ("main", "app", "server", "api", "application", "asgi", "wsgi", "run", "__init__", "web", "celery", "worker")
_ASIDE = re.compile(r"(^|/)(tests?|docs?|examples?|scripts?|migrations|node_modules|venv|\.[^/]+)/")
_FILES = 200
"""Read at most, those that are likely first."""
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Found:
    """Something that can be run. `module:variable` names it; a `factory` is called first. `says` is the line's text."""

    kind: Kind
    path: str
    module: str
    variable: str
    place: Place
    says: str
    factory: bool = False

    @property
    def target(self) -> str:
        return f"{self.module}:{self.variable}"


def find(tree: Tree) -> list[Found]:
    """Those that stand nearest to the root, and in likely files, first."""
    return [found for path in _candidates(tree) for found in _in_file(tree, path)]


def module_of(path: str) -> str:
    """As it is imported: the root and `src` are on the path."""
    parts = path.removeprefix("src/").removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _candidates(tree: Tree) -> list[str]:
    paths = [path for path in matching(tree, "*.py", depth=_DEPTH) if not _ASIDE.search(path)]
    paths = [path for path in paths if all(part.isidentifier() for part in module_of(path).split("."))]

    def likelihood(path: str) -> tuple[int, int, str]:
        name = path.rpartition("/")[2].removesuffix(".py")
        depth = path.removeprefix("src/").count("/")
        return (_LIKELY.index(name) if name in _LIKELY else len(_LIKELY), depth, path)

    return sorted(paths, key=likelihood)[:_FILES]


def _in_file(tree: Tree, path: str) -> Iterator[Found]:
    text = tree.text(path) or ""
    if not _FRAMEWORKS.search(text):
        return
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = text.splitlines()
    imports = _imports(module)
    for node in module.body:
        for kind, variable, factory in _runnable(node, imports):
            place = Place(path, node.lineno, 1)
            says = lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ""
            yield Found(kind, path, module_of(path), variable, place, says[:120], factory)


def _runnable(node: ast.stmt, imports: Mapping[str, str]) -> Iterator[tuple[Kind, str, bool]]:
    """An application in a variable of the module, or a function that makes one; a page; a server of its own."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
        kind = _CLASSES.get(_called(node.value, imports))
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if kind is not None and isinstance(targets[0], ast.Name):
            yield kind, targets[0].id, False
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and re.match(
        r"(create|make|build|get)_app", node.name
    ):
        kind = next((kind for call in _calls(node) if (kind := _CLASSES.get(_called(call, imports)))), None)
        if kind is not None and _needs_nothing(node):
            yield kind, node.name, True
    elif isinstance(node, ast.Import) and any(name.name == "streamlit" for name in node.names):
        yield "streamlit", "", False
    elif isinstance(node, ast.If | ast.Assign | ast.Expr) and "http.server.HTTPServer" in _calls_named(node, imports):
        yield "http.server", "", False


def _needs_nothing(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = node.args
    return (
        len(arguments.args) <= len(arguments.defaults)
        and not arguments.posonlyargs
        and isinstance(node, ast.FunctionDef)
    )


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (found for found in ast.walk(node) if isinstance(found, ast.Call))


def _calls_named(node: ast.AST, imports: Mapping[str, str]) -> set[str]:
    return {_called(call, imports).replace("ThreadingHTTPServer", "HTTPServer") for call in _calls(node)}


def _called(call: ast.Call, imports: Mapping[str, str]) -> str:
    """The full name of what is called, as far as the module's imports tell it."""
    parts: list[str] = []
    node: ast.expr = call.func
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([imports.get(node.id, node.id), *parts])


def _imports(module: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for name in node.names:
                top = name.name if name.asname else name.name.partition(".")[0]
                found[name.asname or top] = top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                found[name.asname or name.name] = f"{node.module}.{name.name}"
    return found
