"""The SQL of the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.catalog.domain import Entity, EntityView, RelationView, urn_of
from roadbed.catalog.filters import Condition, terms_of
from roadbed.catalog.references import EntityRef
from roadbed.catalog.relations import relations_of
from roadbed.catalog.tables import ClaimRow, EntityRow, RelationRow, TermRow
from roadbed.kit.pagination import Page, clamp

_LOCK = 0x63617461  # one writer of the catalog at a time: a reference has one owner, whoever else writes


async def lock(session: AsyncSession) -> None:
    """Until the end of the transaction."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def claims_of(session: AsyncSession, source: str) -> dict[str, ClaimRow]:
    rows = await session.scalars(select(ClaimRow).where(ClaimRow.source == source))
    return {row.ref: row for row in rows}


async def claims_to(session: AsyncSession, refs: Collection[str]) -> dict[str, list[ClaimRow]]:
    """The best first: what stands before orphans, written before generated, the latest before older ones."""
    best = (ClaimRow.orphan, ClaimRow.generated, ClaimRow.updated_at.desc(), ClaimRow.source)
    found: dict[str, list[ClaimRow]] = defaultdict(list)
    for row in await session.scalars(select(ClaimRow).where(ClaimRow.ref.in_(refs)).order_by(*best)):
        found[row.ref].append(row)
    return found


async def sources(session: AsyncSession, prefix: str) -> list[str]:
    query = select(ClaimRow.source).where(ClaimRow.source.startswith(prefix, autoescape=True)).distinct()
    return list(await session.scalars(query))


async def owner(session: AsyncSession, ref: str) -> str | None:
    row = await session.get(EntityRow, ref)
    return row.owner if row else None


async def replace_entity(session: AsyncSession, ref: str, claim: ClaimRow | None) -> None:
    """Makes the entity what `claim` says, with its terms and relations; without a claim it is gone."""
    await session.execute(delete(EntityRow).where(EntityRow.ref == ref))
    if claim is None:
        return
    document = claim.document
    entity = Entity(document["apiVersion"], document["kind"], document["metadata"], document["spec"])
    row = {
        "ref": ref,
        "kind": entity.ref.kind,
        "source": urn_of(claim.source) if claim.origin == "graph" else claim.source,
        "owner": claim.owner,
        "document": document,
        "orphan": claim.orphan,
        "updated_at": claim.updated_at,
    }
    await session.execute(insert(EntityRow).values(row))
    terms = [{"ref": ref, "key": key, "value": value} for key, value in terms_of(document)]
    await session.execute(insert(TermRow), terms)
    relations = [
        {"source": str(relation.source), "type": relation.type, "target": str(relation.target), "declared_by": ref}
        for relation in relations_of(entity)
    ]
    if relations:
        await session.execute(insert(RelationRow), relations)


async def entity(session: AsyncSession, ref: EntityRef) -> EntityView | None:
    rows = await session.execute(select(EntityRow).where(EntityRow.ref == str(ref)))
    found = await _views(session, rows.scalars().all())
    return found[0] if found else None


async def page(
    session: AsyncSession, filters: Sequence[Sequence[Condition]], *, limit: int | None, cursor: str | None
) -> Page[EntityView]:
    """In the order of their references."""
    query = select(EntityRow).order_by(EntityRow.ref)
    if filters:
        query = query.where(or_(*(and_(*map(_matches, conditions)) for conditions in filters)))
    if cursor is not None:
        query = query.where(EntityRow.ref > cursor)
    size = clamp(limit)
    rows = (await session.scalars(query.limit(size + 1))).all()
    views = await _views(session, rows[:size])
    return Page(views, rows[size - 1].ref if len(rows) > size else None)


def _matches(condition: Condition) -> ColumnElement[bool]:
    if condition.key.startswith("relations."):
        wanted = and_(
            RelationRow.source == EntityRow.ref,
            func.lower(RelationRow.type) == condition.key.removeprefix("relations."),
        )
        return exists().where(wanted, *([RelationRow.target.in_(condition.values)] if condition.values else []))
    wanted = and_(TermRow.ref == EntityRow.ref, TermRow.key == condition.key)
    return exists().where(wanted, *([TermRow.value.in_(condition.values)] if condition.values else []))


async def _views(session: AsyncSession, rows: Sequence[EntityRow]) -> list[EntityView]:
    refs = [row.ref for row in rows]
    relations, deployments = await _relations(session, refs), await _deployments(session, refs)
    return [
        EntityView(
            ref=EntityRef.parse(row.ref),
            document=row.document,
            source=row.source,
            orphan=row.orphan,
            updated_at=row.updated_at,
            relations=tuple(relations.get(row.ref, ())),
            deployments=tuple(deployments.get(row.ref, ())),
        )
        for row in rows
    ]


async def _relations(session: AsyncSession, refs: Collection[str]) -> Mapping[str, list[RelationView]]:
    query = (
        select(RelationRow.source, RelationRow.type, RelationRow.target, EntityRow.ref.is_(None))
        .outerjoin(EntityRow, EntityRow.ref == RelationRow.target)
        .where(RelationRow.source.in_(refs))
        .order_by(RelationRow.type, RelationRow.target)
        .distinct()
    )
    found: dict[str, list[RelationView]] = defaultdict(list)
    for source, type_, target, missing in await session.execute(query):
        found[source].append(RelationView(type_, target, missing))
    return found


async def _deployments(session: AsyncSession, refs: Collection[str]) -> Mapping[str, list[str]]:
    query = (
        select(ClaimRow.ref, ClaimRow.source)
        .where(ClaimRow.ref.in_(refs), ClaimRow.origin == "graph")
        .order_by(ClaimRow.source)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for ref, source in await session.execute(query):
        found[ref].append(urn_of(source))
    return found


async def memberships(session: AsyncSession) -> dict[str, set[str]]:
    """User → groups, by whichever of the two says so. Groups that don't exist and orphans grant nothing."""
    query = (
        select(RelationRow.source, RelationRow.target)
        .join(EntityRow, EntityRow.ref == RelationRow.target)
        .where(RelationRow.type == "memberOf", RelationRow.source.startswith("user:"), EntityRow.orphan.is_(False))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for user, group in await session.execute(query):
        found[user].add(group)
    return found


async def groups(session: AsyncSession) -> frozenset[str]:
    """The references of all groups, but for orphans."""
    query = select(EntityRow.ref).where(EntityRow.kind == "group", EntityRow.orphan.is_(False))
    return frozenset(await session.scalars(query))


def add_claim(session: AsyncSession, **values: Any) -> ClaimRow:
    row = ClaimRow(**values)
    session.add(row)
    return row
