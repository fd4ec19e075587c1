"""How people's files are compiled: so that text goes on knowing that it holds references.

`f"a{db.host}"` is put together by the interpreter, and is a plain `str` whatever it is made of: it could be compared,
and its length asked for, with no one to refuse. So each f-string, each `%` and each call whose value is used is
compiled as `kept(…)` of itself (`roadbed.sdk.text.kept`), which gives anything but text with a reference back as it
is. Lines stay what they are.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from roadbed.sdk.text import kept

_KEPT = "__roadbed_kept__"
_MAKES_TEXT = (ast.JoinedStr, ast.Call, ast.BinOp)
_AS_WRITTEN = {"annotation", "returns", "format_spec"}
"""Fields that are no plain expressions: annotations may be turned back into text, a format is part of its f-string."""


class Loader(SourceFileLoader):
    """Compiles a file of people's. It reads and writes no bytecode, which would be that of Python's own compiler."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        with _room_for_trees():
            tree = ast.parse(self.get_data(path), path)
            _keep_text(tree)
            return compile(tree, path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        setattr(module, _KEPT, kept)
        super().exec_module(module)


@contextmanager
def _room_for_trees() -> Iterator[None]:
    """A tree takes more depth than its source, and calls that are wrapped twice as much: `a + b + …` of 1,000 terms."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(6 * limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def importable(folder: Path) -> str:
    """The folder as an entry of `sys.path` whose modules, at any depth, are compiled like programs."""
    find = FileFinder.path_hook(
        (ExtensionFileLoader, EXTENSION_SUFFIXES), (Loader, SOURCE_SUFFIXES), (SourcelessFileLoader, BYTECODE_SUFFIXES)
    )

    def hook(path: str) -> Any:
        if not Path(path).is_relative_to(folder):
            raise ImportError(path)
        return find(path)

    sys.path_hooks.insert(0, hook)
    return str(folder)


def _keep_text(tree: ast.AST) -> None:
    """Without recursion: a program may be nested deeper than Python calls itself."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for name, value in ast.iter_fields(node):
            if name in _AS_WRITTEN:
                continue
            if isinstance(value, list):
                waiting += [item for item in value if isinstance(item, ast.AST)]
                value[:] = map(_kept, value)
            elif isinstance(value, ast.AST):
                waiting.append(value)
                if not isinstance(node, ast.Expr):  # a statement of its own, whose value nobody gets
                    setattr(node, name, _kept(value))


def _kept(node: Any) -> Any:
    if not isinstance(node, _MAKES_TEXT) or (isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod)):
        return node
    keep = ast.copy_location(ast.Name(_KEPT, ast.Load()), node)
    return ast.copy_location(ast.Call(keep, [node], []), node)
