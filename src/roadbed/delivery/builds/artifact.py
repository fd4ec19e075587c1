"""`artifact.json`: what a runtime mounts and sets, and what an image of it would be made from. Pure.

`docs/reference/artifact.md` says what each field means.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roadbed.delivery.builds.commands import environment_of, outside_usr
from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.recipes.choose import Recipe
from roadbed.delivery.builds.recipes.parts import APP
from roadbed.sandbox.domain import DEFAULT_UID

VERSION = 2


def document(
    digest: str, source: str, recipe: Recipe, machine: Machine, *, app: Path, folders: Mapping[str, Path]
) -> dict[str, Any]:
    """`app` is where the application's files lie, `folders` maps where folders of layers are mounted to them."""
    mounts = {str(app): APP, **{str(source): target for target, source in folders.items()}}
    own = {target: source for target, source in folders.items() if source.is_relative_to(app.parent)}
    shared = {target: source for target, source in folders.items() if target not in own}
    tools = outside_usr(tuple(path for part in recipe.parts for path in part.tools))
    command = next((part.command for part in recipe.parts if part.command), None)
    return {
        "version": VERSION,
        "digest": digest,
        "kind": "directory",
        "source": source,
        "workdir": APP,
        "mounts": [
            *({"source": source, "target": target} for source, target in mounts.items()),
            *({"source": path, "target": path} for path in tools),
        ],
        "environment": environment_of(recipe),
        "command": list(command) if command else None,
        "user": {"uid": DEFAULT_UID, "gid": DEFAULT_UID},
        "ports": list(recipe.ports),
        "base": {**machine.base, "tools": [_tool(part.language, part.version) for part in recipe.parts]},
        "layers": [*(_layer(recipe, index, shared) for index in range(len(recipe.parts))), _own(digest, own)],
    }


def _tool(language: str, version: str) -> dict[str, str]:
    return {"name": "python" if language == "static" else language, "version": version}


def _layer(recipe: Recipe, index: int, folders: Mapping[str, Path]) -> dict[str, Any]:
    part = recipe.parts[index]
    kept = {target: name for name, target in part.keep.items() if target in folders}
    return {
        "digest": recipe.layers[index],
        "language": part.language,
        "folders": [{"source": name, "target": target} for target, name in kept.items()],
    }


def _own(digest: str, own: Mapping[str, Path]) -> dict[str, Any]:
    """The application's files, and what its commands made of a layer's folders."""
    folders = [{"source": f"own/{source.name}", "target": target} for target, source in own.items()]
    return {"digest": digest, "language": None, "folders": [{"source": "app", "target": APP}, *folders]}
