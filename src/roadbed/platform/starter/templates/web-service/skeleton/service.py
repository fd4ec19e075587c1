"""Notes, kept in PostgreSQL and read through the cache."""

import json
import os
from typing import Annotated

import psycopg
import redis
import uvicorn
from fastapi import FastAPI, Query, Response
from pydantic import BaseModel, Field

CACHED_S = 30
app = FastAPI(title="${{ values.name }}")


class Note(BaseModel):
    text: str = Field(min_length=1, max_length=1000)


def database() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3)


def cache() -> redis.Redis:
    return redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=2)


@app.get("/")
@app.get("/notes")
def read(response: Response, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[dict]:
    """The newest first. `X-Cache` says where they come from; without the cache it goes on, only slower."""
    key = f"notes:{limit}"
    if found := cached(key):
        response.headers["X-Cache"] = "hit"
        return json.loads(found)
    with database() as connection:
        rows = connection.execute("SELECT id, text FROM notes ORDER BY id DESC LIMIT %s", [limit]).fetchall()
    notes = [{"id": number, "text": text} for number, text in rows]
    remember(key, json.dumps(notes))
    response.headers["X-Cache"] = "miss"
    return notes


@app.post("/notes", status_code=201)
def write(note: Note) -> dict:
    with database() as connection:
        row = connection.execute("INSERT INTO notes (text) VALUES (%s) RETURNING id", [note.text]).fetchone()
    forget()
    return {"id": row[0] if row else None, "text": note.text}


@app.get("/healthz")
def alive() -> dict:
    return {"status": "ok"}


@app.get("/readyz")
def ready() -> dict:
    """Ready with its database. A cache that is away makes it slower, not unready."""
    with database() as connection:
        connection.execute("SELECT 1")
    return {"status": "ok", "cache": "up" if cached("ping") is not None or pinged() else "down"}


def cached(key: str) -> bytes | None:
    try:
        return cache().get(key)
    except redis.RedisError:
        return None


def remember(key: str, value: str) -> None:
    try:
        cache().set(key, value, ex=CACHED_S)
    except redis.RedisError:
        pass


def forget() -> None:
    try:
        if keys := list(cache().scan_iter("notes:*")):
            cache().delete(*keys)
    except redis.RedisError:
        pass


def pinged() -> bool:
    try:
        return bool(cache().ping())
    except redis.RedisError:
        return False


if __name__ == "__main__":
    uvicorn.run(app, host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "8080")))
