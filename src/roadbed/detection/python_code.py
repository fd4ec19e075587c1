"""Finds what a Python tree runs, by reading its code and never running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from sys import version_info
from typing import Literal, NamedTuple, TypeAlias

from roadbed.detection.python_own_servers import SERVERS, full_name, serving
from roadbed.detection.tree import Tree, matching
from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Place

Kind: TypeAlias = Literal["asgi", "wsgi", "django", "celery", "streamlit", "sanic", "http.server"]

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
    "sanic.Sanic": "sanic",
}
_FRAMEWORKS = re.compile(
    "|".join(
        sorted(
            {re.escape(name.rpartition(".")[0]) for name in SERVERS}
            | {"streamlit"}
            | {name.partition(".")[0] for name in _CLASSES}
        )
    )
)
_FACTORY = re.compile(r"(?:create|make|build|get)_app(?:lication)?\w*")
_LIKELY = ("main", "app", "server", "api", "application", "asgi", "wsgi", "run", "__init__", "web", "celery", "worker")
_ASIDE = re.compile(r"(^|/)(tests?|docs?|examples?|scripts?|migrations|node_modules|venv|\.[^/]+)/")
_FILES = 200
"""Read at most, those that are likely first."""
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Found:
    """Something that can be run. `module:variable` names it; a `factory` is called first. `says` is the line's text.

    `made`: another module made it, so that its kind is that of the framework which the tree uses.
    """

    kind: Kind
    path: str
    module: str
    variable: str
    place: Place
    says: str
    factory: bool = False
    made: bool = False

    @property
    def target(self) -> str:
        return f"{self.module}:{self.variable}"


class _Runnable(NamedTuple):
    """What one line of a module has; fields as in `Found`."""

    kind: Kind
    variable: str
    factory: bool = False
    made: bool = False


def find(tree: Tree) -> list[Found]:
    """Those that stand nearest to the root, and in likely files, first."""
    paths = _candidates(tree)
    found = [found for path in paths for found in _in_file(tree, path)]
    if any(one.made for one in found):
        family = _family(tree, paths)
        made = [replace(one, kind=family or one.kind) if one.made else one for one in found]
        found = [one for one in made if family or not one.made]
    return found


def unreadable(tree: Tree) -> InvalidInput | None:
    """Why nothing is found in the likeliest file that can't be parsed; None where all can."""
    for path in _candidates(tree):
        try:
            ast.parse(tree.text(path) or "")
        except SyntaxError as error:
            message = f"this can't be read as Python {version_info.major}.{version_info.minor}: {error.msg}"
            hint = "mend it, and deploy again"
            return InvalidInput(message, hint=hint, file=path, line=error.lineno, column=error.offset)
        except (ValueError, RecursionError, MemoryError):
            continue
    return None


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
    """An application that the module holds goes before a function that would make another, without its routes."""
    text = tree.text(path) or ""
    if not _FRAMEWORKS.search(text) and not _FACTORY.search(text):
        return
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = text.splitlines()
    imports = _imports(module)
    makers = _makers(module, imports)
    runnable = [(node, one) for node in module.body for one in _runnable(node, imports, makers)]
    for node, one in sorted(runnable, key=lambda each: each[1].factory):
        says = lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ""
        place = Place(path, node.lineno, 1)
        yield Found(one.kind, path, module_of(path), one.variable, place, says[:120], one.factory, one.made)
    if (server := serving(module, imports)) is not None:
        line: int = getattr(server, "lineno", 1)
        yield Found("http.server", path, module_of(path), "", Place(path, line, 1), lines[line - 1].strip()[:120])


def _makers(module: ast.Module, imports: Mapping[str, str]) -> dict[str, Kind]:
    """The functions of a module that make an application, whatever they are called and ask for."""
    found: dict[str, Kind] = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and (kind := _kind_within(node, imports)) is not None:
            found[node.name] = kind
    return found


def _kind_within(node: ast.AST, imports: Mapping[str, str]) -> Kind | None:
    return next((kind for call in _calls(node) if (kind := _CLASSES.get(full_name(call.func, imports)))), None)


def _made(node: ast.stmt, makers: Mapping[str, Kind]) -> _Runnable | None:
    """`app = create_app("production")`, which an `app` in a file of its own often is; of a function beside it, it is
    what that makes, whatever both are called.
    """
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return None
    call, target = node.value.func, node.targets[0]
    if not isinstance(target, ast.Name):
        return None
    if isinstance(call, ast.Name) and call.id in makers:
        return _Runnable(makers[call.id], target.id)
    called = call.id if isinstance(call, ast.Name) else call.attr if isinstance(call, ast.Attribute) else ""
    named = target.id in ("app", "application", "api", "server", "web")
    return _Runnable("wsgi", target.id, made=True) if named and _FACTORY.fullmatch(called) else None


def _family(tree: Tree, paths: list[str]) -> Kind | None:
    """ASGI goes first: it is the more particular."""
    texts = [tree.text(path) or "" for path in paths]
    for kind in ("asgi", "wsgi"):
        modules = sorted({name.partition(".")[0] for name, one in _CLASSES.items() if one == kind} - {"falcon"})
        imports = re.compile(rf"^\s*(?:from|import)\s+(?:{'|'.join(modules)})\b", re.MULTILINE)
        if any(imports.search(text) for text in texts):
            return "asgi" if kind == "asgi" else "wsgi"
    return None


def _runnable(node: ast.stmt, imports: Mapping[str, str], makers: Mapping[str, Kind]) -> Iterator[_Runnable]:
    """An application in a variable of the module, or a function that makes one; a page."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
        kind = _CLASSES.get(full_name(node.value.func, imports))
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if kind is not None and isinstance(targets[0], ast.Name):
            yield _Runnable(kind, targets[0].id)
        elif (made := _made(node, makers)) is not None:
            yield made
    elif isinstance(node, ast.FunctionDef) and _FACTORY.fullmatch(node.name):
        if node.name in makers and _needs_nothing(node):
            yield _Runnable(makers[node.name], node.name, factory=True)
    elif isinstance(node, ast.Import) and any(name.name == "streamlit" for name in node.names):
        yield _Runnable("streamlit", "")


def _needs_nothing(node: ast.FunctionDef) -> bool:
    return len(node.args.args) <= len(node.args.defaults) and not node.args.posonlyargs


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (found for found in ast.walk(node) if isinstance(found, ast.Call))


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
