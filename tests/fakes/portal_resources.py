"""The resources and building blocks of the portal's fake platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from fakes import portal_data, portal_stacks
from roadbed.control.domain import Operation
from roadbed.delivery.resource_changes import ResourceChange
from roadbed.delivery.resource_views import AskedResource, Part, Proposal
from roadbed.detection.editing import difference, edited, written
from roadbed.kit.errors import Conflict
from roadbed.platform.blocks import Block, check_request, read_blocks
from roadbed.storage.call import Call
from roadbed.workload.declarations import declaration_of, read_declaration

_TOLD = {
    "owner": "group:default/platform",
    "docs": "https://docs.example.com/db",
    "version": "2.1.0",
    "maturity": "stable",
}


def _offer(type: str, **said: Any) -> dict[str, Any]:
    whole = {"environments": "*", "class": "*", "id": "*", "params": {}, "outputs": [], "description": "", "notes": ""}
    told = dict.fromkeys(("title", "owner", "docs", "version", "maturity", "successor"))
    return {"type": type, "file": f"provisioners/{type}.py", "line": 12, **whole, **told, **said}


_PARAMS = {
    "version": {"types": ["string"], "choices": ["16", "17", "18"], "default": "18", "help": "Of the server."},
    "size": {"types": ["integer"], "required": True, "help": "In gigabytes."},
    "extensions": {"types": ["array"], "help": "What `CREATE EXTENSION` is to be called with."},
    "logged": {"types": ["boolean"], "help": "Whether each statement is logged."},
}
BLOCKS = read_blocks(
    [
        _offer("postgres", params=_PARAMS, title="PostgreSQL database", outputs=["host", "password"], **_TOLD),
        _offer("postgres", **{"class": "large"}, params=_PARAMS, notes="One with `64 GB` of memory."),
        _offer("redis", description="A Redis, or what speaks its protocol."),
        _offer("kafka-topic", environments="prod", description=portal_data.HOSTILE, owner="group:default/streams"),
        _offer("route", description="Lets requests in from outside."),
    ],
    [one.name for one in portal_data.ENVIRONMENTS],
)
RESOURCES = (
    AskedResource(
        uid="postgres.default#db",
        name="db",
        type="postgres",
        resource_class="default",
        params={},
        workloads=["web"],
        variables=["DATABASE_URL", "DB_HOST"],
        declared=["roadbed.yaml:7"],
        set_by=None,
        set_at=None,
        editable=True,
        provisioner="provisioners/postgres.py:12",
        outputs=["host"],
        parts=[Part("orders@dev/shared/db#postgres:Database", "postgres:Database", "created")],
    ),
    AskedResource(
        uid="s3.large#exports",
        name="exports",
        type="s3",
        resource_class="large",
        params={"versioned": True},
        workloads=[],
        variables=[],
        declared=["set by ada"],
        set_by="ada",
        set_at="2026-01-01T00:00:00Z",
        editable=True,
        provisioner=None,
        outputs=[],
        parts=[Part("orders@dev/shared/exports#s3:Bucket", "s3:Bucket", "planned")],
    ),
)
FILE = "apiVersion: roadbed.dev/v1\nkind: Application\nresources:\n  db:\n    type: postgres\n"


@dataclass
class FakeResources:
    world: Any

    rotated: ClassVar[frozenset[str]] = frozenset({"postgres:Database"})

    async def blocks(self, call: Call, environment: str | None = None) -> Sequence[Block]:
        return BLOCKS

    async def rotate(self, call: Call, name: str, environment: str, resource: str) -> Operation:
        self.world.done.append(("resource", f"rotate {resource}"))
        operation: Operation = self.world.operations["op_queued"]
        return operation

    async def resources(self, call: Call, name: str, environment: str) -> Sequence[AskedResource]:
        return RESOURCES

    async def plan(self, call: Call, name: str, environment: str, change: ResourceChange) -> Proposal:
        check_request(BLOCKS, change.type, change.resource_class, change.params, environment)
        if change.resource == "db":
            raise Conflict("orders has a resource 'db' already: roadbed.yaml:7", hint="choose another name for it")
        said = {"type": change.type, "params": dict(change.params)}
        declared = declaration_of(read_declaration(change.resource, said, file="what is to be added"))
        after = edited(FILE, change.resource, declared, file="roadbed.yaml", application=name)
        diff, lines = difference(FILE, after, "roadbed.yaml"), written(change.resource, declared)
        plan = next(iter(portal_stacks.PLANS.values()))
        return Proposal(change.resource, declared, "roadbed.yaml", diff, lines, plan)

    async def change(self, call: Call, name: str, environment: str, change: ResourceChange) -> Operation:
        self.world.done.append(("resource", f"{change.said} {dict(change.params)}"))
        operation: Operation = self.world.operations["op_queued"]
        return operation
