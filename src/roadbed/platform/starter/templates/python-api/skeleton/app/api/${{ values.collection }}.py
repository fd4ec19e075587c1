"""/${{ values.collection }}: create, list, read, change, delete."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from psycopg.rows import class_row
from pydantic import BaseModel, Field

from app.database import Connection

router = APIRouter(prefix="/${{ values.collection }}", tags=["${{ values.collection }}"])


class New${{ values.model }}(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=200, examples=["First"])]
    notes: Annotated[str, Field(max_length=10_000)] = ""


class ${{ values.model }}(New${{ values.model }}):
    id: int
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    """`next` is what to give as `after` to get the following page; null on the last one."""

    items: list[${{ values.model }}]
    next: int | None


@router.get("")
async def list_${{ values.collection }}(
    connection: Connection,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: int = 0,
) -> Page:
    async with connection.cursor(row_factory=class_row(${{ values.model }})) as cursor:
        await cursor.execute(
            """
            select * from ${{ values.collection }} where id > %s order by id limit %s
            """,
            [after, limit + 1],
        )
        found = await cursor.fetchall()
    items = found[:limit]
    return Page(items=items, next=items[-1].id if len(found) > limit else None)


@router.post("", status_code=201)
async def create_${{ values.resource }}(new: New${{ values.model }}, connection: Connection) -> ${{ values.model }}:
    async with connection.cursor(row_factory=class_row(${{ values.model }})) as cursor:
        await cursor.execute(
            """
            insert into ${{ values.collection }} (name, notes) values (%s, %s) returning *
            """,
            [new.name, new.notes],
        )
        return _found(await cursor.fetchone())


@router.get("/{id}")
async def read_${{ values.resource }}(id: int, connection: Connection) -> ${{ values.model }}:
    async with connection.cursor(row_factory=class_row(${{ values.model }})) as cursor:
        await cursor.execute("select * from ${{ values.collection }} where id = %s", [id])
        return _found(await cursor.fetchone())


@router.put("/{id}")
async def change_${{ values.resource }}(id: int, new: New${{ values.model }}, connection: Connection) -> ${{ values.model }}:
    async with connection.cursor(row_factory=class_row(${{ values.model }})) as cursor:
        await cursor.execute(
            """
            update ${{ values.collection }} set name = %s, notes = %s, updated_at = now()
            where id = %s
            returning *
            """,
            [new.name, new.notes, id],
        )
        return _found(await cursor.fetchone())


@router.delete("/{id}", status_code=204)
async def delete_${{ values.resource }}(id: int, connection: Connection) -> None:
    deleted = await connection.execute("delete from ${{ values.collection }} where id = %s", [id])
    if deleted.rowcount == 0:
        raise _not_found()


def _found(row: ${{ values.model }} | None) -> ${{ values.model }}:
    if row is None:
        raise _not_found()
    return row


def _not_found() -> HTTPException:
    return HTTPException(404, "there is no such ${{ values.resource | replace('_', ' ') }}")
