"""Python files that serve by themselves, without a server of ASGI or WSGI: by which call, and at which port."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from roadbed.detection.listening import PORT

SERVERS = frozenset((
    "http.server.HTTPServer", "http.server.ThreadingHTTPServer", "socketserver.TCPServer",
    "socketserver.ThreadingTCPServer", "wsgiref.simple_server.make_server", "bottle.run",
))  # fmt: skip
_RUNNING = ("run", "run_app", "serve", "run_server", "listen", "launch", "make_server")
"""How the calls are named, whoever's they are, that listen at a number they are given."""
_HIGHEST = 65535
_OPTION = re.compile(
    r"""\b(?:add_argument|click\.option)\((?:\s*["'][\w-]+["'],)*\s*["']--port["']|\bdefine\(\s*["']port["']"""
)
"""Of argparse, click and Tornado."""
_COMMANDS = re.compile(r"add_subparsers|\.group\(")
_NAMES_PORT = re.compile(r"""["']PORT["']""")


def serving(module: ast.Module, imports: Mapping[str, str]) -> ast.AST | None:
    """What makes a server when the file is run: at its top, or in a function that its `__main__` part calls."""
    guarded = any(isinstance(node, ast.If) and _is_guard(node) for node in module.body)
    for node in module.body:
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if isinstance(node, ast.ClassDef | ast.Import | ast.ImportFrom) or (inside and not guarded):
            continue
        if found := next((one for one in ast.walk(node) if full_name(one, imports) in SERVERS), None):
            return found
    return None


def told_port(command: str, text: str) -> str:
    """The command of a file, with the port that it takes as an option and reads nowhere else."""
    takes = _OPTION.search(text) and not _COMMANDS.search(text) and not _NAMES_PORT.search(text)
    return f"{command} --port={PORT}" if takes else command


def port_of(text: str) -> int | None:
    """The number that a file listens on, where it gives one as such; of several the last."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    known = dict(_given_to_names(module))
    found = [port for node in ast.walk(module) if isinstance(node, ast.Call) for port in _listened_on(node, known)]
    return found[-1] if found else None


def full_name(node: ast.AST, imports: Mapping[str, str]) -> str:
    """The full name of what is named, as far as the module's imports tell it; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([imports.get(node.id, node.id), *parts]) if isinstance(node, ast.Name) else ""


def _is_guard(node: ast.If) -> bool:
    """`if __name__ == "__main__"`."""
    return any(isinstance(one, ast.Name) and one.id == "__name__" for one in ast.walk(node.test))


def _given_to_names(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """`PORT = 8000`, `def run(port=8000)`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from ((one.arg, value) for one, value in _defaults(node.args))


def _defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    """Those that may be left out, each with what it is then."""
    placed = [*arguments.posonlyargs, *arguments.args]
    yield from zip(placed[len(placed) - len(arguments.defaults) :], arguments.defaults, strict=True)
    yield from ((one, value) for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value)


def _listened_on(call: ast.Call, known: Mapping[str, ast.expr]) -> Iterator[int]:
    """`run(port=8000)`, or an address: `HTTPServer(("", 8000), …)`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [one.value for one in call.keywords if one.arg == "port"] if name in _RUNNING else []
    address = _meant(call.args[0], known) if call.args else None
    if name.endswith("Server") and isinstance(address, ast.Tuple) and len(address.elts) == 2:
        given.append(address.elts[1])
    for node in given:
        number = getattr(_meant(node, known), "value", None)
        if type(number) is int and 0 < number <= _HIGHEST:
            yield number


def _meant(node: ast.expr, known: Mapping[str, ast.expr]) -> ast.expr:
    return known.get(node.id, node) if isinstance(node, ast.Name) else node
