"""Which variables Python code can't do without: those that it reads without a default, as soon as it is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,60}")
_ASKING = ("config", "env", "environ_config")
"""What django-environ, environs and python-decouple are called by: each raises without a value and a default."""
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,60}")


@dataclass(frozen=True, slots=True)
class Read:
    """`must`: nothing gets by without it, wherever the file is imported. `given`: the code sets it itself."""

    name: str
    line: int
    must: bool = False
    given: bool = False


def reads_in(text: str) -> Iterator[Read]:
    """Those without a default, and those that are set; nothing of a text that is no Python.

    What is compared, or has another value behind an `or`, needs none.
    """
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from _in_body(module.body, must=True)


def named(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every variable that is read below a node, with or without a default; and what reads it."""
    for one in ast.walk(node):
        if (isinstance(one, ast.Subscript) and _is_environ(one.value) and (name := _text(one.slice))) or (
            isinstance(one, ast.Call) and one.args and (name := _text(one.args[0])) and _asks(one)
        ):
            yield name, one


def _asks(call: ast.Call) -> bool:
    function = call.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    owner = getattr(function, "value", None)
    return called in ("getenv", *_ASKING) or (owner is not None and (_is_environ(owner) or _is_env(owner)))


def _is_env(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "env"


def _in_body(body: list[ast.stmt], *, must: bool) -> Iterator[Read]:
    """What stands below a condition, in a `try` or in a function may never be reached."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _fields(node)
            yield from _in_body(node.body, must=must)
        elif isinstance(node, ast.With):
            yield from _in_body(node.body, must=must)
        else:
            sure = must and isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr | ast.AugAssign)
            yield from _in_statement(node, must=sure)


def _in_statement(statement: ast.stmt, *, must: bool) -> Iterator[Read]:
    sure = must and not any(isinstance(one, ast.Lambda | ast.IfExp | ast.BoolOp) for one in ast.walk(statement))
    weighed = [one for one in ast.walk(statement) if isinstance(one, ast.Compare | ast.BoolOp)]
    answered = {id(node) for one in weighed for node in ast.walk(one)}
    for node in ast.walk(statement):
        if id(node) in answered and isinstance(node, ast.Call):
            continue
        if isinstance(node, ast.Subscript) and _is_environ(node.value) and (name := _text(node.slice)):
            read = isinstance(node.ctx, ast.Load)
            yield Read(name, node.lineno, must=sure and read, given=not read)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "Env":
            yield from (Read(str(one.arg), node.lineno, given=True) for one in node.keywords if _is_scheme(one))
        elif isinstance(node, ast.Call) and node.args and (name := _text(node.args[0])):
            yield from _in_call(node, name, must=sure)


def _in_call(call: ast.Call, name: str, *, must: bool) -> Iterator[Read]:
    function = call.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    owner = function.value if isinstance(function, ast.Attribute) else None
    default = len(call.args) > 1 or any(one.arg in ("default", None) for one in call.keywords)
    if called == "setdefault" and owner is not None and _is_environ(owner):
        yield Read(name, call.lineno, given=True)
    elif default:
        return
    elif called == "getenv" or (called == "get" and owner is not None and _is_environ(owner)):
        yield Read(name, call.lineno)
    elif called in _ASKING or (owner is not None and _is_env(owner)):
        yield Read(name, call.lineno, must=must)


def _fields(node: ast.ClassDef) -> Iterator[Read]:
    """Of a class of pydantic's settings: a field without a value must be given one."""
    if not any(getattr(base, "id", getattr(base, "attr", "")) == "BaseSettings" for base in node.bases):
        return
    prefix = next((word.value for word in ast.walk(node) if isinstance(word, ast.keyword) and _is_prefix(word)), None)
    before = prefix.value if isinstance(prefix, ast.Constant) and isinstance(prefix.value, str) else ""
    for field in node.body:
        if isinstance(field, ast.AnnAssign) and field.value is None and isinstance(field.target, ast.Name):
            optional = "None" in ast.unparse(field.annotation) or "ClassVar" in ast.unparse(field.annotation)
            if _FIELD.fullmatch(field.target.id) and not optional:
                yield Read(f"{before}{field.target.id}".upper(), field.lineno, must=True)


def _is_prefix(word: ast.keyword) -> bool:
    return word.arg == "env_prefix"


def _is_scheme(word: ast.keyword) -> bool:
    """`Env(DEBUG=(bool, False))`: the type, and the default."""
    return isinstance(word.value, ast.Tuple) and len(word.value.elts) == 2


def _is_environ(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == "environ"


def _text(node: ast.expr) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None
