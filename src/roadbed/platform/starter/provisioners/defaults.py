"""How Score's resource types are satisfied here.

A provisioner is a function that declares resources and returns the outputs that workloads refer to, as in
`${resources.db.host}`. An output is a reference: it has no value yet, but it formats into text. To do it another way in
some environment, add a function with `environments="prod"`: the most specific one wins.
"""

from __future__ import annotations

from roadbed.sdk import Options, Param, Request, provisioner
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.types import backups, gateway, nats, postgres, random, redis, runtime, s3

BACKUPS = Param(
    str | dict, help="When it is backed up: @daily, or {schedule: 0 3 * * *, timezone: …, keep: 7, days: 30}."
)
PROTECT = Param(bool, help="Whether a plan that would delete or replace it is refused; true in production, else false.")


@provisioner("postgres", params={"backups": BACKUPS, "protect": PROTECT})
def database(request: Request) -> dict[str, object]:
    """A database of its own, with a role of its own. The password is a secret, and stays one in text made of it."""
    database = postgres.Database(request.name, **_protection(request))
    backups.as_asked(request, database)
    return {
        "host": database.host,
        "port": database.port,
        "name": database.name,
        "database": database.name,
        "username": database.username,
        "password": database.password,
    }


@provisioner("secret", params={"length": int})
def secret(request: Request) -> dict[str, object]:
    """A text that nobody chose, made once and kept: `${resources.secret-key.value}`. Letters and digits only."""
    return {"value": random.Password(request.name, length=request.params.get("length", 50), special=False).result}


@provisioner("postgres-instance", params={"protect": PROTECT})
def database_login(request: Request) -> dict[str, object]:
    """A login that makes databases of its own, on the server that all share: it sees no database of anybody else."""
    login = postgres.Role(request.name, create_databases=True, **_protection(request))
    return {"host": login.host, "port": login.port, "username": login.username, "password": login.password}


@provisioner("redis", params={"max_memory_mb": int, "passwordless": bool, "backups": BACKUPS, "protect": PROTECT})
def cache(request: Request) -> dict[str, object]:
    """A Valkey server of its own, so that nothing a program does to it (FLUSHALL, SELECT, KEYS) is met by another. One
    that is `passwordless` is for programs that can give no password: everything on this machine can use it.
    """
    database = redis.Database(
        request.name,
        max_memory_mb=request.params.get("max_memory_mb"),
        passwordless=request.params.get("passwordless"),
        **_protection(request),
    )
    backups.as_asked(request, database)
    return {
        "host": database.host,
        "port": database.port,
        "username": database.username,
        "password": database.password,
    }


@provisioner("s3", params={"versioned": bool, "force_destroy": bool, "backups": BACKUPS, "protect": PROTECT})
def bucket(request: Request) -> dict[str, object]:
    """A bucket, with keys that open this bucket and no other. It goes with its objects, as a database with its rows: a
    deployment deletes neither unless it is told to.
    """
    bucket = s3.Bucket(
        request.name,
        versioned=request.params.get("versioned"),
        force_destroy=request.params.get("force_destroy", True),
        **_protection(request),
    )
    backups.as_asked(request, bucket)
    return {
        "bucket": bucket.bucket,
        "access_key_id": bucket.access_key_id,
        "secret_key": bucket.secret_key,
        "endpoint": bucket.endpoint,
        "region": bucket.region,
        "aws_access_key_id": bucket.access_key_id,
        "aws_secret_key": bucket.secret_key,
    }


@provisioner("nats", params={"protect": PROTECT})
def messages(request: Request) -> dict[str, object]:
    """An account of its own, with JetStream: its subjects and streams are met by nobody else's."""
    account = nats.Account(request.name, **_protection(request))
    return {
        "host": account.host,
        "port": account.port,
        "username": account.username,
        "password": account.password,
        "url": f"nats://{account.username}:{account.password}@{account.host}:{account.port}",
    }


@provisioner("environment", params={})
def variables(request: Request) -> dict[str, object]:
    """What `environments.yaml` says of the environment, under `variables`."""
    return dict(request.variables)


@provisioner("volume", params={"size": str | int, "backups": BACKUPS, "protect": PROTECT})
def folder(request: Request) -> dict[str, object]:
    """A folder that outlives replicas and releases. It goes with the resource, where it isn't protected."""
    volume = runtime.Volume(request.name, size=request.params.get("size"), **_protection(request))
    backups.as_asked(request, volume)
    return {"source": volume.source}


@provisioner("dns", params={})
def host_name(request: Request) -> dict[str, object]:
    """`orders.dev.localhost`: browsers and curl know that every name below `localhost` is this machine."""
    return {"host": f"{request.application}.{request.environment}.localhost"}


@provisioner("route", params={"host": str, "path": str, "port": str | int})
def route(request: Request) -> None:
    """Lets requests for a host and path in from outside, to one of the workload's ports."""
    if not request.workload:
        message = f"resource {request.name!r}: no workload asks for it, and a route leads to one"
        raise ProgramError(message, "declare it in the Score file of the workload that it leads to")
    gateway.Route(
        request.name,
        host=str(_required(request, "host")),
        path=request.params.get("path", "/"),
        workload=request.workload,
        port=_port(request, request.workload, str(_required(request, "port"))),
    )


@provisioner("service-port", params={"workload": str, "port": str | int})
def service_port(request: Request) -> dict[str, object]:
    """An address at which another workload of the application is reached from inside."""
    endpoint = _endpoint(request, str(_required(request, "workload")), str(_required(request, "port")))
    return {"hostname": endpoint.hostname, "port": endpoint.port}


@provisioner("service", params={"workload": str, "port": str | int})
def service(request: Request) -> dict[str, object]:
    """The same by the workload's name. Here its address has a port, so `name` holds both."""
    endpoint = _endpoint(request, _meant_workload(request), _param(request, "port"))
    address = f"{endpoint.hostname}:{endpoint.port}"
    return {"name": address, "hostname": endpoint.hostname, "port": endpoint.port}


@provisioner("endpoint", params={"workload": str, "port": str | int})
def endpoint(request: Request) -> dict[str, object]:
    """The same as a URL."""
    workload = _meant_workload(request)
    endpoint = _endpoint(request, workload, _param(request, "port"))
    return {"url": f"http://{endpoint.hostname}:{endpoint.port}/", "name": workload}


def _protection(request: Request) -> Options:
    """What holds data isn't deleted by mistake where customers rely on it: `params: {protect: false}` lets it go."""
    return {"protect": True} if request.params.get("protect", request.kind == "production") else {}


def _endpoint(request: Request, workload: str, port: str | None) -> gateway.Endpoint:
    """An endpoint for a workload's port: for its only one, where none is named."""
    if workload not in request.services:
        known = ", ".join(request.services) or "none"
        message = f"resource {request.name!r}: there is no workload {workload!r}"
        raise ProgramError(message, f"there are: {known}", param="workload")
    ports = request.services[workload]
    if port is None and len(ports) != 1:
        message = f"resource {request.name!r}: workload {workload!r} has {len(ports)} service ports"
        raise ProgramError(message, f"say which: params: {{port: …}}; there are: {', '.join(ports) or 'none'}")
    name = next(iter(ports)) if port is None else _port(request, workload, port)
    return gateway.Endpoint(request.name, workload=workload, port=name)


def _meant_workload(request: Request) -> str:
    """The workload that is named, or else the one that the resource is called after."""
    return _param(request, "workload") or (request.id or request.name).rpartition(".")[2]


def _param(request: Request, name: str) -> str | None:
    value = request.params.get(name)
    return None if value is None else str(value)


def _required(request: Request, name: str) -> object:
    if request.params.get(name) is None:
        raise ProgramError(
            f"resource {request.name!r} of type {request.type!r} needs the param {name!r}",
            f"add it in the Score file: params: {{{name}: …}}",
        )
    return request.params[name]


def _port(request: Request, workload: str, wanted: str) -> str:
    """The name of the service port that is meant: by its name, or by its public number."""
    ports = request.ports if workload == request.workload else request.services[workload]
    for name, port in ports.items():
        if wanted in (name, str(port["port"])):
            return name
    known = ", ".join(ports) or "none"
    raise ProgramError(
        f"resource {request.name!r}: workload {workload!r} has no port {wanted!r}",
        f"its service ports are: {known}",
        param="port",
    )
