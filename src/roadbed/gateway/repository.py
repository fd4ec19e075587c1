"""The gateway's SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.gateway.domain import Backend, Route, RoutingTable, Upstream
from roadbed.gateway.tables import BackendRow, EndpointRow, GatewayVersionRow, RouteRow

_PUBLISHING = 0x67617465  # "gate": whoever holds this advisory lock tells the gateway


async def next_version(session: AsyncSession) -> int:
    """Counts up, and keeps every other change waiting until this transaction ends."""
    statement = insert(GatewayVersionRow).values(id=1, version=1)
    statement = statement.on_conflict_do_update(index_elements=["id"], set_={"version": GatewayVersionRow.version + 1})
    return int((await session.execute(statement.returning(GatewayVersionRow.version))).scalar_one())


async def lock_publishing(session: AsyncSession) -> None:
    """One process at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(_PUBLISHING)))


async def load(session: AsyncSession) -> tuple[int, RoutingTable]:
    """The version, and all that it holds (or a later one: read the version first)."""
    version = await session.scalar(select(GatewayVersionRow.version)) or 0
    routes = {row.key: to_route(row) for row in await session.scalars(select(RouteRow))}
    endpoints = {
        row.key: (row.local_port, Upstream(row.service, row.port)) for row in await session.scalars(select(EndpointRow))
    }
    backends: dict[str, list[Backend]] = defaultdict(list)
    for row in await session.scalars(select(BackendRow).order_by(BackendRow.service, BackendRow.id)):
        backends[row.service].append(Backend(row.id, row.host, row.port, row.name))
    return version, RoutingTable(routes, endpoints, {service: tuple(found) for service, found in backends.items()})


def to_route(row: RouteRow) -> Route:
    return Route(row.host, row.path, Upstream(row.service, row.port))


async def find_route(session: AsyncSession, key: str) -> RouteRow | None:
    return await session.get(RouteRow, key)


async def routes_of(session: AsyncSession, hosts: Collection[str]) -> Sequence[RouteRow]:
    query = select(RouteRow).where(RouteRow.host.in_(hosts)).order_by(RouteRow.host, RouteRow.path)
    return (await session.scalars(query)).all()


async def list_routes(session: AsyncSession, stack: str | None, owners: Collection[str] | None) -> Sequence[RouteRow]:
    """Of one stack or all, of these owners or all."""
    query = select(RouteRow).order_by(RouteRow.host, RouteRow.path)
    if stack is not None:
        query = query.where(RouteRow.service.startswith(f"{stack}/", autoescape=True))
    if owners is not None:
        query = query.where(RouteRow.owner.in_(owners))
    return (await session.scalars(query)).all()


async def count_backends(session: AsyncSession, upstream: Upstream) -> int:
    query = select(func.count()).where(
        BackendRow.service == upstream.service, or_(BackendRow.name == "", BackendRow.name == upstream.port)
    )
    return int(await session.scalar(query) or 0)


async def put_route(session: AsyncSession, key: str, route: Route, owner: str | None) -> None:
    upstream = route.upstream
    await session.merge(
        RouteRow(key=key, host=route.host, path=route.path, service=upstream.service, port=upstream.port, owner=owner)
    )
    await session.flush()


async def delete_route(session: AsyncSession, key: str) -> None:
    await session.execute(delete(RouteRow).where(RouteRow.key == key))


async def find_endpoint(session: AsyncSession, key: str) -> EndpointRow | None:
    return await session.get(EndpointRow, key)


async def endpoints(session: AsyncSession) -> Sequence[EndpointRow]:
    return (await session.scalars(select(EndpointRow))).all()


async def put_endpoint(session: AsyncSession, key: str, local_port: int, upstream: Upstream, owner: str | None) -> None:
    await session.merge(
        EndpointRow(key=key, local_port=local_port, service=upstream.service, port=upstream.port, owner=owner)
    )
    await session.flush()


async def delete_endpoint(session: AsyncSession, key: str) -> None:
    await session.execute(delete(EndpointRow).where(EndpointRow.key == key))


async def backends(session: AsyncSession, service: str) -> frozenset[Backend]:
    rows = await session.scalars(select(BackendRow).where(BackendRow.service == service))
    return frozenset(Backend(row.id, row.host, row.port, row.name) for row in rows)


async def replace_backends(session: AsyncSession, service: str, wanted: Collection[Backend]) -> None:
    await session.execute(delete(BackendRow).where(BackendRow.service == service))
    session.add_all(
        BackendRow(service=service, id=backend.id, name=backend.name, host=backend.host, port=backend.port)
        for backend in wanted
    )
    await session.flush()


async def visible_upstreams(session: AsyncSession, owners: Collection[str] | None) -> frozenset[Upstream]:
    """Everything that a route or an endpoint of these owners leads to."""
    found: set[Upstream] = set()
    for table in (RouteRow, EndpointRow):
        query = select(table.service, table.port)
        if owners is not None:
            query = query.where(table.owner.in_(owners))
        found |= {Upstream(service, port) for service, port in await session.execute(query)}
    return frozenset(found)
