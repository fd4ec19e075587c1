"""Which variables lead to which kind of server, by what people call them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from roadbed.detection.domain import Part

DRIVERS: Mapping[str, tuple[str, ...]] = {
    "postgres": (
        "psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary", "asyncpg", "pg8000", "aiopg",
        "pg", "postgres", "pg-promise", "@prisma/client", "prisma", "slonik",
        "github.com/lib/pq", "github.com/jackc/pgx", "gorm.io/driver/postgres",
    ),
    "redis": (
        "redis", "valkey", "celery", "rq", "django-redis", "hiredis", "aioredis", "flask-caching", "dramatiq", "arq",
        "channels-redis", "ioredis", "bull", "bullmq", "connect-redis", "@redis/client", "bee-queue",
        "github.com/redis/go-redis", "github.com/go-redis/redis", "github.com/gomodule/redigo", "sidekiq", "resque",
    ),
    "s3": (
        "boto3", "aioboto3", "django-storages", "s3fs", "minio", "@aws-sdk/client-s3", "aws-sdk",
        "github.com/aws/aws-sdk-go-v2/service/s3", "github.com/minio/minio-go", "aws-sdk-s3",
    ),
    "nats": ("nats-py", "nats", "@nats-io/transport-node", "github.com/nats-io/nats.go", "nats-pure"),
}  # fmt: skip
"""Score's type → packages that speak to it, in whatever language."""

DEFAULT_NAMES = {"postgres": "db", "redis": "redis", "s3": "files", "nats": "nats", "mysql": "db"}

_URLS = (
    "DATABASE_URL", "POSTGRES_URL", "POSTGRESQL_URL", "PG_URL", "DB_URL", "SQLALCHEMY_DATABASE_URI", "DATABASE_URI",
    "POSTGRES_DSN", "DATABASE_DSN", "DB_DSN", "POSTGRES_URI", "POSTGRES_CONNECTION_STRING", "PG_CONNECTION_STRING",
)  # fmt: skip
_SUFFIXES: Mapping[str, Part] = {
    "HOST": "host",
    "PORT": "port",
    "USER": "username",
    "USERNAME": "username",
    "PASSWORD": "password",
    "PASS": "password",
    "NAME": "name",
    "DB": "name",
    "DATABASE": "name",
}
_HOST = re.compile(r"(\w*[A-Za-z0-9])(_?)(?:HOST|HOSTNAME|HOST_NAME|SERVER|ADDR|ADDRESS)")
_PREFIXES = ("DB_", "POSTGRES_", "DATABASE_", "PG_", "POSTGRESQL_", "SQL_")


def _postgres() -> dict[str, Part]:
    found: dict[str, Part] = dict.fromkeys(_URLS, "url")
    for prefix in _PREFIXES:
        found |= {f"{prefix}{suffix}": part for suffix, part in _SUFFIXES.items()}
    return found | {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "username",
        "PGPASSWORD": "password",
        "PGDATABASE": "name",
    }


_REDIS: Mapping[str, Part] = {
    "REDIS_URL": "url", "REDIS_URI": "url", "VALKEY_URL": "url", "CELERY_BROKER_URL": "url", "BROKER_URL": "url",
    "CELERY_RESULT_BACKEND": "url", "CACHE_URL": "url", "RQ_REDIS_URL": "url", "REDIS_DSN": "url", "KV_URL": "url",
    "REDISCLOUD_URL": "url", "REDIS_HOST": "host", "REDIS_PORT": "port", "REDIS_PASSWORD": "password",
    "REDIS_USERNAME": "username", "REDIS_USER": "username", "REDISHOST": "host", "REDISPORT": "port",
    "REDISPASSWORD": "password",
}  # fmt: skip
_S3: Mapping[str, Part] = {
    **dict.fromkeys(("AWS_STORAGE_BUCKET_NAME", "S3_BUCKET", "S3_BUCKET_NAME", "AWS_S3_BUCKET", "AWS_BUCKET",
                     "BUCKET_NAME", "AWS_BUCKET_NAME", "BUCKET"), "bucket"),
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "S3_ACCESS_KEY", "S3_ACCESS_KEY_ID"), "access_key_id"),
    **dict.fromkeys(("AWS_SECRET_ACCESS_KEY", "S3_SECRET_KEY", "S3_SECRET_ACCESS_KEY"), "secret_key"),
    **dict.fromkeys(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT_URL", "S3_ENDPOINT", "S3_ENDPOINT_URL",
                     "S3_URL"), "endpoint"),
    **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_S3_REGION_NAME", "S3_REGION"), "region"),
}  # fmt: skip
_NATS: Mapping[str, Part] = {"NATS_URL": "url", "NATS_SERVER": "url", "NATS_SERVERS": "url"}

VARIABLES: Mapping[str, Mapping[str, Part]] = {"postgres": _postgres(), "redis": _REDIS, "s3": _S3, "nats": _NATS}
"""Score's type → name of a variable → which of its outputs it holds."""

LEADING: frozenset[Part] = frozenset(("url", "host", "bucket"))
"""Parts without which nothing finds the server: one of them must be read for it to be needed."""

READ_BY_CLIENTS: Mapping[str, tuple[str, ...]] = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "AWS_REGION"),
}
"""What the client libraries read by themselves, whatever the code says."""


def beside(leading: str) -> dict[str, Part]:
    """What stands beside a host's variable, whatever that is called: `CACHE_PORT` beside `CACHE_HOST`."""
    match = _HOST.fullmatch(leading.upper())
    return {f"{leading[: match.end(2)]}{suffix}": part for suffix, part in _SUFFIXES.items()} if match else {}


def password_beside(leading: str) -> str:
    """What a password's variable would be called beside one that names a host, or host and port."""
    match = _HOST.fullmatch(leading.upper())
    return f"{leading[: match.end(2)]}PASSWORD" if match else f"{leading}_PASSWORD"


def drivers_in(names: Mapping[str, object], type_: str) -> Iterator[str]:
    """Those packages that are drivers of a type. A Go module may name a version or a part of one."""
    for name in names:
        for driver in DRIVERS[type_]:
            if name == driver or (driver.startswith("github.com/") and name.startswith(f"{driver}/")):
                yield name
