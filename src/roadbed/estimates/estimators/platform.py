"""The platform's own types: what their properties ask for. Pure.

What is asked for (`requests`) counts, and where that isn't said, what a thing may take at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from roadbed.sdk.usage import Amount, Estimator, Gap, Usage, byte_size, number, read

_MIB = Decimal(1024)
_REDIS_MB, _NATS_MB = Amount.of(128) * (1 / _MIB), Amount.of(1024) * (1 / _MIB)
"""What their providers take where nothing is said."""
_STATE = "kept in the platform's own state"
_PART_OF_SERVER = "part of the database's server"
_GATEWAY = "part of the platform's gateway"


def service(properties: Mapping[str, Any]) -> Usage:
    """Every container of every replica."""
    others = properties.get("containers")
    one = _container(properties)
    for other in others.values() if isinstance(others, Mapping) else ():
        one += _container(other if isinstance(other, Mapping) else {})
    return one.times(read(properties, "replicas", number, default=Amount.of(1)))


def _container(properties: Mapping[str, Any]) -> Usage:
    cpu = Gap("cpu", "its `resources.requests` say no cpu")
    memory = Gap("memory", "its `resources.requests` say no memory")
    cpu_limit = read(properties, "cpu_millis", _thousandths, "cpu", cpu)
    memory_limit = read(properties, "memory_mb", _megabytes, "memory", memory)
    return Usage.of(
        cpu=read(properties, "requests.cpu_millis", _thousandths, "cpu", cpu_limit),
        memory=read(properties, "requests.memory_mb", _megabytes, "memory", memory_limit),
    )


def volume(properties: Mapping[str, Any]) -> Usage:
    unsaid = Gap("storage", "how much it will hold is not said: give it a `size`")
    return Usage.of(storage=read(properties, "size", byte_size, "storage", unsaid))


def redis(properties: Mapping[str, Any]) -> Usage:
    """As much memory as it may hold, and as much of the disk if it keeps it."""
    memory = read(properties, "max_memory_mb", _megabytes, "memory", _REDIS_MB)
    if properties.get("persistent") is False:
        return Usage.of(memory=memory)
    return Usage.of(memory=memory, storage=memory)


def nats(properties: Mapping[str, Any]) -> Usage:
    """As much of the disk as its streams may take."""
    if properties.get("jetstream") is False:
        return Usage(free="messages that are not kept: it is part of the platform's server")
    return Usage.of(storage=read(properties, "max_storage_mb", _megabytes, "storage", _NATS_MB))


def role(properties: Mapping[str, Any]) -> Usage:
    if properties.get("create_databases", False) is False:
        return Usage(free=_PART_OF_SERVER)
    return Usage(gaps=(Gap("storage", "which databases it will make is not known before"),))


def bucket(properties: Mapping[str, Any]) -> Usage:
    return Usage(gaps=(Gap("object-storage", "how much it will hold is not known before"),))


def _megabytes(value: Any) -> Decimal | None:
    found = number(value)
    return None if found is None else found / _MIB


def _thousandths(value: Any) -> Decimal | None:
    found = number(value)
    return None if found is None else found / 1000


def free(why: str) -> Estimator:
    usage = Usage(free=why)
    return lambda _: usage


def _unknown(why: str) -> Estimator:
    usage = Usage(gaps=(Gap("", why),))
    return lambda _: usage


ESTIMATORS: Mapping[str, Estimator] = {
    "runtime:Service": service,
    "runtime:Job": free("runs at a change only, nothing by the month"),
    "runtime:ScheduledJob": _unknown("what it uses follows from how long it runs: `types` of prices.yaml can say it"),
    "runtime:Volume": volume,
    "postgres:Role": role,
    "postgres:Grant": free(_PART_OF_SERVER),
    "postgres:Extension": free(_PART_OF_SERVER),
    "postgres:Server": free("somebody else's server: it is paid for where it runs"),
    "redis:Database": redis,
    "nats:Account": nats,
    "s3:Bucket": bucket,
    "backups:Schedule": _unknown("how much its backups will hold is not known before"),
    "gateway:Route": free(_GATEWAY),
    "gateway:Endpoint": free(_GATEWAY),
    "catalog:Component": free("an entry of the catalog"),
    "http:Health": free("looks at what there is"),
    "file:File": free("text on the platform's own disk"),
    "file:Directory": free("a folder on the platform's own disk"),
    "command:Command": free("runs at a change only, nothing by the month"),
    "command:Resource": _unknown("what a command makes is known to nobody else"),
    **dict.fromkeys(("core:Data", "core:Secret"), free(_STATE)),
    **dict.fromkeys(
        (f"random:{name}" for name in ("Choice", "Id", "Integer", "Password", "Pet", "Uuid")), free(_STATE)
    ),
    **dict.fromkeys(
        (f"tls:{name}" for name in ("CertRequest", "LocallySignedCert", "PrivateKey", "SelfSignedCert")), free(_STATE)
    ),
}
"""`postgres:Database` asks for nothing that could be counted: what one is taken to need stands in the price sheet."""
