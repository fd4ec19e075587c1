"""The shapes of answers are for type checkers: no command loads them."""

import ast
from pathlib import Path

import roadbed

SOURCES = Path(roadbed.__file__).parent
READERS = [*SOURCES.glob("cli/**/*.py"), *SOURCES.glob("client/*.py")]


def loaded(code: ast.Module) -> set[str]:
    """The modules that are imported when the code is, or by a function of it: not those for type checkers."""
    found = set[str]()
    nodes: list[ast.AST] = [code]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            nodes += node.orelse
        else:
            nodes += ast.iter_child_nodes(node)
    return found


def test_no_command_loads_the_shapes_of_answers() -> None:
    loading = [
        path.name
        for path in READERS
        if any(name.startswith("roadbed.client.models") for name in loaded(ast.parse(path.read_text())))
    ]
    assert READERS
    assert not loading
