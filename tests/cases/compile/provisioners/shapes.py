"""What satisfies the resources of the compile cases: one provisioner for each way in which outputs are said."""

from __future__ import annotations

from typing import Any

from roadbed.sdk import Request, Resource, provisioner


@provisioner("postgres")
def database(request: Request) -> dict[str, Any]:
    return _database(request)


@provisioner("postgres", resource_class="large")
def large_database(request: Request) -> dict[str, Any]:
    return _database(request) | {"port": 5433}


@provisioner("postgres", environments="prod")
def shared_server(request: Request) -> dict[str, Any]:
    return _database(request) | {"host": "db.example.com"}


def _database(request: Request) -> dict[str, Any]:
    made = Resource("postgres:Database", request.name, extensions=request.params.get("extensions", []))
    outputs: dict[str, Any] = {name: made[name] for name in ("host", "port", "name", "username", "password")}
    return outputs | {"database": made["name"]}


@provisioner("s3", params={"versioned": bool})
def bucket(request: Request) -> dict[str, Any]:
    made = Resource("s3:Bucket", request.name, versioned=request.params.get("versioned", False))
    keys: dict[str, Any] = {
        name: made[name] for name in ("bucket", "endpoint", "region", "access_key_id", "secret_key")
    }
    return keys | {"aws_access_key_id": made["access_key_id"], "aws_secret_key": made["secret_key"]}


@provisioner("dns")
def host_name(request: Request) -> dict[str, Any]:
    return {"host": f"{request.application}.{request.environment}.example.com"}


@provisioner("route")
def route(request: Request) -> None:
    host, path = request.params["host"], request.params.get("path", "/")
    Resource(
        "gateway:Route", request.name, host=host, path=path, workload=request.workload, port=request.params["port"]
    )


@provisioner("service-port")
def service_port(request: Request) -> dict[str, Any]:
    port = request.services[request.params["workload"]][request.params["port"]]
    return {"hostname": request.params["workload"], "port": port["target_port"]}


@provisioner("volume")
def volume(request: Request) -> dict[str, Any]:
    return {"source": Resource("runtime:Volume", request.name)["id"]}


@provisioner("environment")
def environment(request: Request) -> dict[str, Any]:
    return dict(request.variables)


@provisioner("labels")
def labels(request: Request) -> dict[str, Any]:
    """A type of the platform's own, whose outputs are no text."""
    return {"all": ["a", "b"], "map": {"k": 1}, "on": True, "count": 3, "none": None, "given": request.params}
