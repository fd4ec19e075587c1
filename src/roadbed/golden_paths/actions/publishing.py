"""publish:git and catalog:*: what makes the new thing known."""

from __future__ import annotations

import asyncio
from pathlib import Path

import yaml

from roadbed.catalog.domain import Entity, EntityView
from roadbed.catalog.errors import EntityNotFound, EntityTaken
from roadbed.catalog.reader import read_entities, read_entity
from roadbed.catalog.references import DEFAULT_NAMESPACE, EntityRef
from roadbed.catalog.service import Catalog
from roadbed.golden_paths.actions.titles import PLATFORM_TITLES
from roadbed.golden_paths.driver import FLAG, TEXT, TEXTS, Action, ActionContext, Deployer, Values, schema
from roadbed.golden_paths.errors import SourceNotFound
from roadbed.golden_paths.repositories import BRANCH, Repositories, taken
from roadbed.golden_paths.workspace import inside
from roadbed.kit.errors import InvalidInput
from roadbed.storage.call import Call

_SCHEME = "roadbed:repositories/"


def source_name(repository: str, path: str) -> str:
    """How the catalog calls a file of a repository."""
    return f"repository:{repository}/{path.lstrip('/')}"


def publish_action(repositories: Repositories, catalog: Catalog, deployer: Deployer) -> Action:
    """What a destroyed application left of its name is set aside; runs for one name come one after the other."""

    async def make_room(context: ActionContext, name: str) -> None:
        if not repositories.exists(name) or await repositories.is_made_by(name, context.run):
            return
        async with context.transaction() as call:
            await _check_left(deployer, call, name)
            if entity := await _published(catalog, call, name):
                await catalog.forget(call, entity.source)  # which only its owner may
        kept = repositories.set_aside(name, mark=context.run)
        await context.progress.log(f"kept the repository of an application that was destroyed as {kept.name}")

    async def run(context: ActionContext, values: Values) -> Values:
        name, message = values["name"], values.get("gitCommitMessage", "Begin from a golden path")
        folder = inside(context.files, values.get("sourcePath", "."))
        await make_room(context, name)
        commit = await repositories.publish(name, folder, message=message, mark=context.run)
        await context.progress.log(f"published commit {commit[:12]} to the repository {name}")
        return {
            "repository": name,
            "remoteUrl": f"/api/v1/applications/{name}/source",
            "repoContentsUrl": f"{_SCHEME}{name}",
            "commitHash": commit,
        }

    async def check(call: Call, values: Values, owner: str | None) -> None:
        if repositories.exists(values["name"]):
            await _check_left(deployer, call, values["name"])
        await _check_free(catalog, call, EntityRef.of("component", DEFAULT_NAMESPACE, values["name"]))

    async def undo(context: ActionContext, values: Values) -> None:
        await repositories.remove(values["name"], mark=context.run)
        repositories.put_back(values["name"], mark=context.run)

    return Action(
        "publish:git",
        PLATFORM_TITLES["publish:git"],
        "Commits the workspace to a new repository of the platform.",
        schema(
            ("name",),
            name=TEXT,
            description=TEXT,
            sourcePath=TEXT,
            gitCommitMessage=TEXT,
            defaultBranch={"const": BRANCH},
        ),
        run,
        outputs={
            "repository": "its name",
            "remoteUrl": "where it can be downloaded as a git bundle",
            "repoContentsUrl": "what catalog:register takes",
            "commitHash": "the commit",
        },
        check=check,
        undo=undo,
    )


def catalog_actions(catalog: Catalog, repositories: Repositories) -> tuple[Action, ...]:
    return _register(catalog, repositories), _write(), _fetch(catalog)


def _register(catalog: Catalog, repositories: Repositories) -> Action:
    async def run(context: ActionContext, values: Values) -> Values:
        repository, path = _location(values)
        source = source_name(repository, path)
        try:
            entities = await _read(repositories, repository, path)
        except SourceNotFound:
            if not values.get("optional", False):
                raise
            return {}
        async with context.transaction() as call:
            await catalog.ingest(call, source, entities)
        for entity in entities:
            await context.progress.log(f"{entity.ref} stands in the catalog")
        return {"entityRef": str(entities[0].ref) if entities else None, "catalogInfoUrl": source}

    async def undo(context: ActionContext, values: Values) -> None:
        async with context.transaction() as call:
            await catalog.forget(call, source_name(*_location(values)))

    return Action(
        "catalog:register",
        PLATFORM_TITLES["catalog:register"],
        "Registers a catalog file of a repository that this run published.",
        schema(catalogInfoUrl=TEXT, repoContentsUrl=TEXT, catalogInfoPath=TEXT, optional=FLAG),
        run,
        outputs={"entityRef": "the first entity of the file", "catalogInfoUrl": "its source in the catalog"},
        undo=undo,
    )


def _location(values: Values) -> tuple[str, str]:
    """Repository and path, from either way of writing it."""
    url = values.get("catalogInfoUrl") or values.get("repoContentsUrl", "")
    if not url.startswith(_SCHEME):
        raise InvalidInput(
            f"{url[:200]!r} is no repository of this platform",
            hint="give `repoContentsUrl: ${{ steps.<publish>.output.repoContentsUrl }}`",
        )
    repository, _, path = url.removeprefix(_SCHEME).partition("/")
    return repository, path if values.get("catalogInfoUrl") else values.get("catalogInfoPath", "catalog-info.yaml")


async def _read(repositories: Repositories, repository: str, path: str) -> list[Entity]:
    content = await repositories.read(repository, path)
    try:
        return read_entities(content.decode("utf-8-sig"), path.lstrip("/"))
    except UnicodeDecodeError:
        raise InvalidInput("this is not UTF-8 text", file=path) from None


def _write() -> Action:
    async def run(context: ActionContext, values: Values) -> Values:
        path = values.get("filePath", "catalog-info.yaml")
        entity = read_entity(values["entity"], path)
        text = yaml.safe_dump(dict(values["entity"]), sort_keys=False, allow_unicode=True)
        await asyncio.to_thread(_save, inside(context.files, path), text)
        await context.progress.log(f"wrote {entity.ref} to {path}")
        return {}

    return Action(
        "catalog:write",
        PLATFORM_TITLES["catalog:write"],
        "Writes an entity to a catalog file of the workspace.",
        schema(("entity",), entity={"type": "object"}, filePath=TEXT),
        run,
        changes_files=True,
        rehearses=True,
    )


def _save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        path.unlink()
    path.write_text(text, encoding="utf-8")


def _fetch(catalog: Catalog) -> Action:
    async def run(context: ActionContext, values: Values) -> Values:
        if ("entityRef" in values) == ("entityRefs" in values):
            raise InvalidInput("catalog:fetch takes either entityRef or entityRefs")
        found = [await one(context, values, text) for text in values.get("entityRefs", [values.get("entityRef")])]
        return {"entities": found} if "entityRefs" in values else {"entity": found[0]}

    async def one(context: ActionContext, values: Values, text: str) -> Values | None:
        ref = EntityRef.parse(
            text,
            default_kind=values.get("defaultKind"),
            default_namespace=values.get("defaultNamespace", DEFAULT_NAMESPACE),
        )
        try:
            async with context.transaction() as call:
                return (await catalog.entity(call, ref)).to_dict()
        except EntityNotFound:
            if not values.get("optional", False):
                raise
            return None

    return Action(
        "catalog:fetch",
        PLATFORM_TITLES["catalog:fetch"],
        "Reads entities of the catalog.",
        schema(entityRef=TEXT, entityRefs=TEXTS, optional=FLAG, defaultKind=TEXT, defaultNamespace=TEXT),
        run,
        outputs={"entity": "the entity", "entities": "the entities"},
        rehearses=True,
    )


async def _check_left(deployer: Deployer, call: Call, name: str) -> None:
    """Raises NameTaken unless the repository is all that is left of an application."""
    if await deployer.exists(call, application=name):
        raise taken(name)


async def _check_free(catalog: Catalog, call: Call, ref: EntityRef) -> None:
    """Raises EntityTaken when something of that name stands in the catalog, and not only in the repository's file."""
    found = await _find(catalog, call, ref)
    if found and not found.orphan and not _is_of(found, ref.name):
        raise EntityTaken(f"{ref} is in the catalog already", hint="choose another name")


async def _published(catalog: Catalog, call: Call, name: str) -> EntityView | None:
    """The component that the repository of its name declares."""
    found = await _find(catalog, call, EntityRef.of("component", DEFAULT_NAMESPACE, name))
    return found if found and _is_of(found, name) else None


async def _find(catalog: Catalog, call: Call, ref: EntityRef) -> EntityView | None:
    try:
        return await catalog.entity(call, ref)
    except EntityNotFound:
        return None


def _is_of(entity: EntityView, repository: str) -> bool:
    return entity.source.startswith(source_name(repository, ""))
