"""The door of the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from roadbed.audit.service import Audit
from roadbed.catalog import repository
from roadbed.catalog.domain import Entity, EntityView, Origin
from roadbed.catalog.errors import EntityNotFound, EntityTaken
from roadbed.catalog.filters import parse_filters
from roadbed.catalog.reader import read_tree
from roadbed.catalog.references import EntityRef
from roadbed.catalog.tables import ClaimRow
from roadbed.control.events import Events
from roadbed.kit.access import Authorise, Target, require_somebody
from roadbed.kit.clock import Clock
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.kit.pagination import Page
from roadbed.storage.call import Call

CATALOG = Target("catalog")


class Catalog:
    """Entities, by what claims them."""

    def __init__(self, authorise: Authorise, audit: Audit, events: Events, clock: Clock) -> None:
        self._authorise = authorise
        self._audit = audit
        self._events = events
        self._clock = clock

    async def entity(self, call: Call, ref: EntityRef | str) -> EntityView:
        """Raises InvalidInput for what is no reference, EntityNotFound."""
        wanted = EntityRef.parse(ref) if isinstance(ref, str) else ref
        self._authorise(call.principal, "catalog.view", Target("entity", str(wanted)))
        if (found := await repository.entity(call.session, wanted)) is None:
            raise EntityNotFound(f"{wanted} is not in the catalog")
        return found

    async def entities(
        self, call: Call, filters: Sequence[str] = (), *, limit: int | None = None, cursor: str | None = None
    ) -> Page[EntityView]:
        """What any of the filters (`kind=component,spec.type=service`) finds, or everything, by reference."""
        self._authorise(call.principal, "catalog.view", CATALOG)
        if cursor is not None:
            EntityRef.parse(cursor)
        return await repository.page(call.session, parse_filters(filters), limit=limit, cursor=cursor)

    async def groups_of(self, call: Call) -> Mapping[str, frozenset[str]]:
        """User → its groups, both as references: what identity is fed with after a `catalog.changed`."""
        self._authorise(call.principal, "catalog.view", CATALOG)
        found = await repository.memberships(call.session)
        return {user: frozenset(groups) for user, groups in found.items()}

    async def groups(self, call: Call) -> frozenset[str]:
        """All groups, as references: who deploys may know of each whether it is there."""
        require_somebody(call.principal)
        return await repository.groups(call.session)

    async def ingest(self, call: Call, source: str, entities: Sequence[Entity]) -> None:
        """Makes `entities` all that the file `source` declares; what it no longer names becomes an orphan.

        Raises EntityTaken when another file declares one of them already, InvalidInput when one stands there twice.
        """
        await self._take(call, source, entities, origin="file", generated=False)

    async def forget(self, call: Call, source: str) -> None:
        """Takes back everything that `source` claimed, and leaves no orphans: as if it had never been read."""
        require_somebody(call.principal)
        await repository.lock(call.session)
        claims = await repository.claims_of(call.session, source)
        for ref, claim in claims.items():
            self._authorise(call.principal, "catalog.edit", Target("entity", ref, owner=claim.owner))
            await call.session.delete(claim)
        await self._settle(call, source, set(claims))

    async def sync(self, call: Call, root: Path, *, prefix: str, folder: str = "catalog") -> Sequence[Problem]:
        """Reads `folder`/*.yaml below `root`, and what Locations there name, as sources `<prefix>:<path>`.

        Gives back what could not be read. As long as there is any of it, no file that is missing makes an orphan.
        """
        require_somebody(call.principal)
        starts = sorted(path.relative_to(root).as_posix() for path in (root / folder).glob("*.y*ml"))
        tree = read_tree(root, starts)
        problems = list(tree.problems)
        for path, entities in tree.files.items():
            try:
                await self.ingest(call, f"{prefix}:{path}", entities)
            except (EntityTaken, InvalidInput) as error:
                problems.append(Problem(error.message, error.hint, error.problem.file or path, error.problem.line))
        if not problems:
            present = {f"{prefix}:{path}" for path in tree.files}
            for gone in set(await repository.sources(call.session, f"{prefix}:")) - present:
                await self.ingest(call, gone, [])
        return problems

    async def upsert_component(self, call: Call, urn: str, entity: Entity, *, generated: bool = False) -> EntityRef:
        """What runs as the graph's resource `urn`. `generated`: nobody wrote the descriptor, so a written one wins."""
        await self._take(call, urn, [entity], origin="graph", generated=generated)
        return entity.ref

    async def component(self, call: Call, urn: str) -> tuple[Entity, bool] | None:
        """What the graph's resource `urn` says, and whether it is generated; None if it says nothing."""
        require_somebody(call.principal)
        for claim in (await repository.claims_of(call.session, urn)).values():
            self._authorise(call.principal, "catalog.view", Target("entity", claim.ref, owner=claim.owner))
            document = claim.document
            entity = Entity(document["apiVersion"], document["kind"], document["metadata"], document["spec"])
            return entity, claim.generated
        return None

    async def remove_component(self, call: Call, urn: str) -> None:
        """It runs no more: what no file declares leaves the catalog."""
        await self._take(call, urn, [], origin="graph", generated=False)

    async def _take(
        self, call: Call, source: str, entities: Sequence[Entity], *, origin: Origin, generated: bool
    ) -> None:
        require_somebody(call.principal)
        await repository.lock(call.session)
        wanted = _by_ref(source, entities)
        claims = await repository.claims_of(call.session, source)
        others = await repository.claims_to(call.session, set(wanted) | set(claims))
        changed: set[str] = set()
        for ref, entity in wanted.items():
            if _is_same(claims.get(ref), entity, generated=generated):
                continue
            await self._allow(call, ref, entity)
            if origin == "file":
                _check_free(source, entity, others.get(ref, []))
            self._claim(call, source, entity, claims.get(ref), origin=origin, generated=generated)
            changed.add(ref)
        for ref in set(claims) - set(wanted):
            claim = claims[ref]
            self._authorise(call.principal, "catalog.edit", Target("entity", ref, owner=claim.owner))
            if origin == "graph" or len(others[ref]) > 1:
                await call.session.delete(claim)
                changed.add(ref)
            elif not claim.orphan:
                claim.orphan = True
                changed.add(ref)
        await self._settle(call, source, changed)

    async def _allow(self, call: Call, ref: str, entity: Entity) -> None:
        """Who changes an owner must be allowed to act for the old one and for the new one."""
        owners = {entity.owner, await repository.owner(call.session, ref) or entity.owner}
        for owner in sorted(owners, key=str):
            self._authorise(call.principal, "catalog.edit", Target("entity", ref, owner=owner))

    def _claim(
        self, call: Call, source: str, entity: Entity, claim: ClaimRow | None, *, origin: Origin, generated: bool
    ) -> None:
        row = claim or repository.add_claim(call.session, source=source, ref=str(entity.ref), origin=origin)
        row.document = entity.to_dict()
        row.owner, row.line = entity.owner, entity.line
        row.generated, row.orphan, row.updated_at = generated, False, self._clock.now()

    async def _settle(self, call: Call, source: str, changed: set[str]) -> None:
        if not changed:
            return
        await call.session.flush()
        claims = await repository.claims_to(call.session, changed)
        for ref in sorted(changed):
            await repository.replace_entity(call.session, ref, next(iter(claims.get(ref, [])), None))
            await self._events.emit(call, "catalog.changed", f"entity:{ref}")
        detail = {"entities": sorted(changed)}
        await self._audit.record(call, "catalog.edit", Target("catalog", source), detail=detail)


def _by_ref(source: str, entities: Sequence[Entity]) -> dict[str, Entity]:
    found: dict[str, Entity] = {}
    for entity in entities:
        if (ref := str(entity.ref)) in found:
            raise InvalidInput(f"{ref} stands twice in {source}", file=source, line=entity.line)
        found[ref] = entity
    return found


def _is_same(claim: ClaimRow | None, entity: Entity, *, generated: bool) -> bool:
    if claim is None or claim.orphan:
        return False
    return (claim.document, claim.generated, claim.line) == (entity.to_dict(), generated, entity.line)


def _check_free(source: str, entity: Entity, claims: Sequence[ClaimRow]) -> None:
    for claim in claims:
        if claim.source != source and claim.origin == "file" and not claim.orphan:
            raise EntityTaken(
                f"{entity.ref} is already declared by {claim.source}",
                hint="choose another name, or remove the other declaration",
                file=source,
                line=entity.line,
            )
