"""fetch:* and fs:*: what changes the workspace."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

from roadbed.golden_paths.actions.copying import Options, copy_plain, copy_rendered
from roadbed.golden_paths.driver import FLAG, TEXT, TEXTS, Action, ActionContext, Values, schema
from roadbed.golden_paths.workspace import inside
from roadbed.kit.errors import InvalidInput

_MAX_LISTED = 1_000


def _origin(context: ActionContext, url: str) -> Path:
    """A folder of the platform repo, relative to the template."""
    if "://" in url:
        hint = "name a folder beside the template: ./skeleton"
        raise InvalidInput(f"{url[:200]!r} is not in the platform repo", hint=hint)
    folder = (context.folder / url).resolve()
    if not folder.is_relative_to(context.root.resolve()):
        raise InvalidInput(f"{url[:200]!r} leaves the platform repo")
    if not folder.is_dir():
        raise InvalidInput(f"the template has no folder {url[:200]!r}")
    return folder


def _target(context: ActionContext, values: Values) -> Path:
    folder = inside(context.files, values.get("targetPath", "."))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _fetch_plain(context: ActionContext, values: Values) -> Values:
    names = await asyncio.to_thread(lambda: copy_plain(_origin(context, values["url"]), _target(context, values)))
    await context.progress.log(f"copied {len(names)} files")
    return {}


async def _fetch_template(context: ActionContext, values: Values) -> Values:
    options = _options(values)
    names = await asyncio.to_thread(
        lambda: copy_rendered(_origin(context, values["url"]), _target(context, values), options)
    )
    for name in names:
        await context.progress.log(name)
    return {}


def _options(values: Values) -> Options:
    older, newer = values.get("copyWithoutRender"), values.get("copyWithoutTemplating")
    if older is not None and newer is not None:
        raise InvalidInput("copyWithoutRender and copyWithoutTemplating exclude each other")
    ending = values.get("templateFileExtension", False)
    return Options(
        values=values.get("values", {}),
        replace=values.get("replace", False),
        raw=older or newer or (),
        raw_names=older is not None,
        extension=ending if isinstance(ending, str) else ".njk" if ending else "",
        cookiecutter=values.get("cookiecutterCompat", False),
        trim_blocks=values.get("trimBlocks", False),
        lstrip_blocks=values.get("lstripBlocks", False),
    )


async def _delete(context: ActionContext, values: Values) -> Values:
    for name in values["files"]:
        await asyncio.to_thread(_delete_one, context.files, name)
        await context.progress.log(f"deleted {name}")
    return {}


def _delete_one(root: Path, name: str) -> None:
    path = inside(root, name)
    if path == root:
        raise InvalidInput("the workspace itself cannot be deleted")
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


async def _rename(context: ActionContext, values: Values) -> Values:
    for file in values["files"]:
        await asyncio.to_thread(_rename_one, context.files, file)
        await context.progress.log(f"renamed {file['from']} to {file['to']}")
    return {}


def _rename_one(root: Path, file: Values) -> None:
    origin, target = inside(root, file["from"]), inside(root, file["to"])
    if root in (origin, target):
        raise InvalidInput("the workspace itself cannot be renamed")
    if not origin.exists() and not origin.is_symlink():
        raise InvalidInput(f"there is no file {file['from']!r} to rename")
    if target.exists() or target.is_symlink():
        if not file.get("overwrite", False):
            raise InvalidInput(f"{file['to']!r} exists already", hint="say `overwrite: true` to replace it")
        _delete_one(root, file["to"])
    target.parent.mkdir(parents=True, exist_ok=True)
    origin.rename(target)


async def _readdir(context: ActionContext, values: Values) -> Values:
    found = await asyncio.to_thread(_list, context.files, values["paths"], recursive=values.get("recursive", False))
    return {
        "files": [_described(context.files, path) for path in found if not path.is_dir()],
        "folders": [_described(context.files, path) for path in found if path.is_dir()],
    }


def _list(root: Path, names: list[str], *, recursive: bool) -> list[Path]:
    found = []
    for name in names:
        folder = inside(root, name)
        if folder.is_symlink() or not folder.is_dir():
            raise InvalidInput(f"there is no folder {name!r}")
        found += sorted(folder.rglob("*") if recursive else folder.iterdir())
    return found[:_MAX_LISTED]


def _described(root: Path, path: Path) -> dict[str, str]:
    return {"name": path.name, "path": path.relative_to(root).as_posix()}


_RENAMES: dict[str, Any] = {
    "type": "array",
    "items": schema(("from", "to"), **{"from": TEXT, "to": TEXT, "overwrite": FLAG}),
}

FILE_ACTIONS = (
    Action(
        "fetch:plain",
        "Copy the files",
        "Copies a folder of the platform repo into the workspace.",
        schema(("url",), url=TEXT, targetPath=TEXT, token=TEXT),
        _fetch_plain,
        changes_files=True,
        rehearses=True,
    ),
    Action(
        "fetch:template",
        "Render the template",
        "Copies a folder of the platform repo into the workspace, its files and their names rendered.",
        schema(
            ("url",),
            url=TEXT,
            targetPath=TEXT,
            values={"type": "object"},
            replace=FLAG,
            copyWithoutRender=TEXTS,
            copyWithoutTemplating=TEXTS,
            templateFileExtension={"type": ["boolean", "string"]},
            cookiecutterCompat=FLAG,
            trimBlocks=FLAG,
            lstripBlocks=FLAG,
            token=TEXT,
        ),
        _fetch_template,
        changes_files=True,
        rehearses=True,
    ),
    Action(
        "fs:delete",
        "Delete files",
        "Deletes files and folders of the workspace.",
        schema(("files",), files=TEXTS),
        _delete,
        changes_files=True,
        rehearses=True,
    ),
    Action(
        "fs:rename",
        "Rename files",
        "Renames files and folders of the workspace.",
        schema(("files",), files=_RENAMES),
        _rename,
        changes_files=True,
        rehearses=True,
    ),
    Action(
        "fs:readdir",
        "List the files",
        "Lists folders of the workspace.",
        schema(("paths",), paths=TEXTS, recursive=FLAG),
        _readdir,
        outputs={"files": "name and path of each file", "folders": "name and path of each folder"},
        rehearses=True,
    ),
)
