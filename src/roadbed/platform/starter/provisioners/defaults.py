"""How Score's resource types are satisfied here.

A provisioner is a function that declares resources and returns the outputs that workloads refer to, as in
`${resources.db.host}`. An output is a reference: it has no value yet, but it formats into text. To do it another way in
some environment, add a function with `environments="prod"`: the most specific one wins.
"""

from __future__ import annotations

from roadbed.sdk import Request, provisioner
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.types import gateway, postgres, random


@provisioner("postgres")
def database(request: Request) -> dict[str, object]:
    """A database of its own, with a role of its own. The password is a secret, and stays one in text made of it."""
    database = postgres.Database(request.name)
    return {
        "host": database.host,
        "port": database.port,
        "name": database.name,
        "database": database.name,
        "username": database.username,
        "password": database.password,
    }


@provisioner("secret")
def secret(request: Request) -> dict[str, object]:
    """A text that nobody chose, made once and kept: `${resources.secret-key.value}`. Letters and digits only."""
    return {"value": random.Password(request.name, length=request.params.get("length", 50), special=False).result}


@provisioner("dns")
def host_name(request: Request) -> dict[str, object]:
    """`orders.dev.localhost`: browsers and curl know that every name below `localhost` is this machine."""
    return {"host": f"{request.application}.{request.environment}.localhost"}


@provisioner("route")
def route(request: Request) -> None:
    """Lets requests for a host and path in from outside, to one of the workload's ports."""
    gateway.Route(
        request.name,
        host=str(_required(request, "host")),
        path=request.params.get("path", "/"),
        workload=request.workload,
        port=_own_port(request, str(_required(request, "port"))),
    )


@provisioner("service-port")
def service_port(request: Request) -> dict[str, object]:
    """An address at which another workload of the application is reached from inside."""
    workload = str(_required(request, "workload"))
    if workload not in request.workloads:
        known = ", ".join(request.workloads)
        raise ProgramError(f"resource {request.name!r}: there is no workload {workload!r}", f"there are: {known}")
    endpoint = gateway.Endpoint(request.name, workload=workload, port=str(_required(request, "port")))
    return {"hostname": endpoint.hostname, "port": endpoint.port}


def _required(request: Request, name: str) -> object:
    if name not in request.params:
        raise ProgramError(
            f"resource {request.name!r} of type {request.type!r} needs the param {name!r}",
            f"add it in the Score file: params: {{{name}: …}}",
        )
    return request.params[name]


def _own_port(request: Request, wanted: str) -> str:
    """The name of the service port that is meant: by its name, or by its public number."""
    for name, port in request.ports.items():
        if wanted in (name, str(port["port"])):
            return name
    known = ", ".join(request.ports) or "none"
    raise ProgramError(
        f"resource {request.name!r}: workload {request.workload!r} has no port {wanted!r}",
        f"its service ports are: {known}",
    )
