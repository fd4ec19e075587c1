"""Python files that serve by themselves, without a server of ASGI or WSGI: by which call, and at which port."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

SERVERS = frozenset((
    "http.server.HTTPServer", "http.server.ThreadingHTTPServer", "socketserver.TCPServer",
    "socketserver.ThreadingTCPServer", "wsgiref.simple_server.make_server", "bottle.run",
))  # fmt: skip
_RUNNING = ("run", "run_app", "serve", "run_server", "listen", "launch", "make_server")
"""How the calls are named, whoever's they are, that listen at a number they are given."""
_HIGHEST = 65535


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


def port_of(text: str) -> int | None:
    """The number that a file listens on, where it gives one as such; of several the last."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    numbers = dict(_numbers(module))
    found = [port for node in ast.walk(module) if isinstance(node, ast.Call) for port in _listened_on(node, numbers)]
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


def _numbers(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Those that names stand for: `PORT = 8000`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, int):
                yield node.targets[0].id, value.value


def _listened_on(call: ast.Call, numbers: Mapping[str, int]) -> Iterator[int]:
    """`run(port=8000)`, or an address: `HTTPServer(("", 8000), …)`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [one.value for one in call.keywords if one.arg == "port"] if name in _RUNNING else []
    address = call.args[0] if call.args else None
    if name.endswith("Server") and isinstance(address, ast.Tuple) and len(address.elts) == 2:
        given.append(address.elts[1])
    for node in given:
        number = numbers.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
        if isinstance(number, int) and 0 < number <= _HIGHEST:
            yield number
