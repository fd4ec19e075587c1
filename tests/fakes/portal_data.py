"""What the portal's fake platform holds: each state that a page can be in, the very long ones included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from roadbed.audit.domain import Record
from roadbed.catalog.domain import EntityView, RelationView
from roadbed.catalog.references import EntityRef
from roadbed.control.domain import LogLine, Operation, Step, StepState
from roadbed.delivery.builds.domain import Origin
from roadbed.delivery.views import Application, ConfigValue, Release, ReplicaCount, Resource
from roadbed.doctor.domain import Check, Component, PlatformStatus
from roadbed.engine.domain import Change, Plan, Source
from roadbed.engine.domain import Step as PlanStep
from roadbed.platform.domain import Environment
from roadbed.policy.domain import Verdict
from roadbed.runtimes.domain import ContainerView, ReplicaView
from roadbed.sandbox.domain import Isolation

NOW = datetime.now(UTC)
LONG_NAME = "reconciliation-of-cross-border-settlements-and-chargebacks-eu"
HOSTILE = "<script>alert('x')</script>"
PAYMENTS = "group:default/payments"


def before(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


ENVIRONMENTS = (
    Environment("dev", "development"),
    Environment("staging", "test"),
    Environment("prod", "production"),
)


def _application(
    name: str, environment: str, health: Any, owner: str | None, ready: int, desired: int, release: str | None
) -> Application:
    url = None if name == "report-builder" else f"http://{name}.{environment}.localhost:8080"
    return Application(
        name, environment, url, release, health, owner, ReplicaCount(ready, desired), before(minutes=len(name) * 7)
    )


APPLICATIONS = (
    _application("orders", "dev", "healthy", PAYMENTS, 2, 2, "v12"),
    _application("orders", "prod", "healthy", PAYMENTS, 6, 6, "v9"),
    _application("invoices", "dev", "deploying", PAYMENTS, 1, 2, "v3"),
    _application("search", "dev", "degraded", "group:default/discovery", 1, 3, "v41"),
    _application("mailer", "dev", "down", "group:default/growth", 0, 2, "v7"),
    _application("report-builder", "dev", "healthy", None, 1, 1, "v1"),
    _application("new-thing", "dev", "unknown", "group:default/platform", 0, 0, None),
    _application(
        LONG_NAME, "dev", "healthy", "group:default/settlements-and-reconciliation-engineering", 24, 24, "v1204"
    ),
)


def resources(stack: str) -> tuple[Resource, ...]:
    def urn(path: str, type_: str) -> str:
        return f"{stack}/{path}#{type_}"

    database, endpoint = urn("web/db", "postgres:Database"), urn("web/endpoint", "gateway:Endpoint")
    migrate, service = urn("web/migrate", "runtime:Job"), urn("web", "runtime:Service")
    route, component = urn("web/route", "gateway:Route"), urn("component", "catalog:Component")
    return (
        Resource(database, "postgres:Database", "db", "created"),
        Resource(endpoint, "gateway:Endpoint", "endpoint", "created"),
        Resource(migrate, "runtime:Job", "migrate", "created", frozenset({database})),
        Resource(service, "runtime:Service", "web", "created", frozenset({database, migrate, endpoint})),
        Resource(route, "gateway:Route", "route", "created", frozenset({service})),
        Resource(component, "catalog:Component", "orders", "created", frozenset({service})),
    )


def plan(stack: str, number: int) -> Plan:
    def step(path: str, type_: str, action: Any, *changes: Change, phase: Any = "infrastructure") -> PlanStep:
        name = path.rpartition("/")[2]
        place = Source("roadbed.yaml", 14) if action == "update" else None
        return PlanStep(f"{stack}/{path}#{type_}", type_, name, action, phase, changes=changes, source=place)

    steps = (
        step("web/db", "postgres:Database", "none"),
        step("web/endpoint", "gateway:Endpoint", "none"),
        step("component", "catalog:Component", "none"),
        step(
            "web/exports",
            "s3:Bucket",
            "create",
            Change("versioned", None, True),
            Change("name", None, "orders-exports"),
        ),
        step(
            "web",
            "runtime:Service",
            "update",
            Change("artifact", "5d0c1f9a77b2", "a94e2be01c3d"),
            Change("replicas", 2, 3),
            Change("variables.FEATURE_FLAGS", "checkout=off", "checkout=on,express=on,gift-cards=on," + "x" * 180),
            Change("variables.DATABASE_PASSWORD", None, {"$secret": True}, secret=True),
            Change("variables.EXPORTS_URL", None, {"$unknown": True}, unknown=True),
            phase="rollout",
        ),
        step(
            "web/route", "gateway:Route", "replace", Change("host", "orders.old", "orders.dev.localhost", replaces=True)
        ),
        step("worker", "runtime:Service", "delete", phase="rollout"),
    )
    advice = Verdict(
        "two-replicas", "advisory", f"{stack}/web/exports#s3:Bucket", "this bucket has no expiry", "add `expire_days`"
    )
    return Plan(stack, number, 31, "9c1f" * 16, steps, (advice,), before(hours=2), "user:ada")


RELEASES = (
    Release("v12", 12, "active", before(hours=2), "user:ada", "Show gift cards in the basket", "a94e2be01c3d", 31,
            origin=Origin(revision="7f3a9c1d" * 5, ref="main", dirty=True)),
    Release("v11", 11, "failed", before(hours=3), "user:ada", "Show gift cards", "77be", 30,
            "the new replicas never became ready: GET /healthz answered 500; last line: KeyError: 'GIFT_CARDS'"),
    Release("v10", 10, "superseded", before(days=1), "user:grace", "Rollback to v8", "5d0c", 29, rollback_of="v8"),
    Release("v9", 9, "superseded", before(days=1, hours=2), "user:grace", None, "1f44", 28),
    Release("v8", 8, "superseded", before(days=6), "user:linus", "Speed the list of orders up " * 6, "5d0c", 27,
            sandboxed=False),
)  # fmt: skip

REPLICAS = (
    ReplicaView("web-3k9x2", "web", "ready", "v12", before(hours=2), 0, "127.0.0.1:31022", 84.2, 1.4, None),
    ReplicaView("web-8qz41", "web", "ready", "v12", before(hours=2), 0, "127.0.0.1:31023", 91.0, 2.1, None,
                containers=(ContainerView("sidecar", "running", 2, "exit code 1"),)),
    ReplicaView("web-0aa7c", "web", "crashed", "v12", before(minutes=2), 4, None, None, None,
                "ended with code 1: KeyError: 'GIFT_CARDS'; starting again in 8 s"),
    ReplicaView("web-7tt1e", "web", "draining", "v11", before(hours=20), 1, "127.0.0.1:31019", 77.5, 0.1, None),
)  # fmt: skip

CONFIG = (
    ConfigValue("FEATURE_FLAGS", "checkout=on,express=on", source="config"),
    ConfigValue("LOG_LEVEL", "info", source="config"),
    ConfigValue("STRIPE_KEY", None, secret=True, source="config"),
)

_DEPLOY = (
    "Read the source",
    "Build it",
    "Plan the changes",
    "Check the policies",
    "Make the release",
    "Apply the plan",
)


def _steps(states: str, message: str | None = None, done: int = 0, total: int = 0) -> tuple[Step, ...]:
    names: dict[str, StepState] = {
        "s": "succeeded", "r": "running", "w": "waiting", "f": "failed", "k": "skipped",
    }  # fmt: skip
    made = []
    for index, (title, letter) in enumerate(zip(_DEPLOY, states, strict=True)):
        state = names[letter]
        started = None if state in ("waiting", "skipped") else before(seconds=40 - 6 * index)
        ended = started + timedelta(seconds=0.4 + index * 1.3) if started and state in ("succeeded", "failed") else None
        said = message if state in ("running", "failed") else None
        made.append(Step(title.split()[0].lower(), title, state, started, ended, done, total, said))
    return tuple(made)


def _operation(
    id_: str, title: str, state: Any, steps: tuple[Step, ...], target: str = "orders@dev", **more: Any
) -> Operation:
    ended = None if state in ("running", "queued") else before(seconds=20)
    started = None if state == "queued" else before(seconds=41)
    values: dict[str, Any] = {
        "kind": "deployment", "owner": PAYMENTS, "requested_by": "user:ada", "input": {}, "lock": target,
        "created_at": before(seconds=42), "started_at": started, "ended_at": ended,
    }  # fmt: skip
    return Operation(id=id_, title=title, target=target, state=state, steps=steps, **(values | more))


OPERATIONS = (
    _operation("op_running", "Deploy invoices to dev", "running",
               _steps("sssssr", "creating runtime:Service web", 3, 6),
               "invoices@dev", attempt=2),
    _operation("op_queued", "Restart orders in dev", "queued", _steps("wwwwww")),
    _operation("op_done", "Deploy orders to dev", "succeeded", _steps("ssssss"), result={
        "application": "orders", "environment": "dev", "release": "v12", "status": "succeeded",
        "url": "http://orders.dev.localhost:8080", "duration_s": 6.2, "sandboxed": True,
    }),
    _operation("op_failed", "Deploy mailer to dev", "failed", _steps("sfkkkk"), "mailer@dev", error={
        "code": "build_failed", "detail": "the dependencies can't be installed; it last wrote:\n"
                                          "  no version satisfies\n    fastapi>=99\n           ^^^^",
        "hint": "ask for a version that exists, and deploy again", "file": "requirements.txt", "line": 3,
        "problems": [{"detail": "fastapi>=99 can't be satisfied", "file": "requirements.txt", "line": 3}],
    }),
    _operation("op_cancelled", f"Deploy {LONG_NAME} to dev", "cancelled", _steps("sskkkk"), f"{LONG_NAME}@dev",
               requested_by="user:grace"),
)  # fmt: skip

OPERATION_LOG = tuple(
    LogLine(number, before(seconds=40 - number), "build", text)
    for number, text in enumerate(
        (
            "source 5d0c1f9a: 14 files, 22 KB",
            "Resolved 31 packages in 12ms",
            "\x1b[32mInstalled\x1b[0m 31 packages in 48ms",
            " + fastapi==0.130.0",
            "compiled in 0.4 s; " + "a very long line that goes on and on " * 12,
        ),
        start=1,
    )
)


def _entity(kind: str, name: str, spec: dict[str, Any], *relations: tuple[str, str], **metadata: Any) -> EntityView:
    document = {"kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
    views = tuple(RelationView(type_, target, missing=target.endswith("ledger")) for type_, target in relations)
    stacks = (f"{name}@dev/component#catalog:Component",) if kind == "Component" else ()
    return EntityView(
        EntityRef.of(kind, "default", name), document, "platform:catalog/teams.yaml", False, NOW, views, stacks
    )


ENTITIES = (
    _entity("Component", "orders", {"type": "service", "lifecycle": "production"},
            ("ownedBy", PAYMENTS), ("partOf", "system:default/checkout"), ("dependsOn", "resource:default/orders-db"),
            ("providesApi", "api:default/orders-v1"), ("consumesApi", "api:default/ledger"),
            ("dependencyOf", "component:default/invoices"),
            title="Orders", description="Takes orders, and keeps them.", tags=["python", "fastapi"],
            annotations={"backstage.io/techdocs-ref": "dir:.", "roadbed.dev/source": "https://git.example.com/orders"}),
    _entity("Component", "invoices", {"type": "service", "lifecycle": "experimental"}, ("ownedBy", PAYMENTS)),
    _entity("API", "orders-v1", {"type": "openapi", "lifecycle": "production"}, ("ownedBy", PAYMENTS)),
    _entity("Resource", "orders-db", {"type": "database"}, ("ownedBy", PAYMENTS)),
    _entity("System", "checkout", {}, ("ownedBy", PAYMENTS), description=HOSTILE),
    _entity("Group", "payments", {"type": "team"}, ("hasMember", "user:default/ada"),
            description="Money in, money out."),
    _entity("Group", "platform", {"type": "team"}),
    _entity("User", "ada", {"profile": {"displayName": "Ada Lovelace"}}, ("memberOf", PAYMENTS)),
)  # fmt: skip

AUDIT = tuple(
    Record(f"a{number}", before(minutes=number * 9), who, action, target, environment, outcome, detail)
    for number, (who, action, target, environment, outcome, detail) in enumerate(
        (
            ("user:ada", "application.deploy", "application orders", "dev", "done",
             {"operation": "op_done", "message": "Show gift cards"}),
            ("user:mallory", "application.destroy", "application orders", "prod", "refused",
             {"reason": "that takes the role operator"}),
            ("user:ada", "user.login", "user ada", None, "done", {"way": "one-time code", "address": "127.0.0.1"}),
            ("system:reconciler", "stack.apply", f"stack {LONG_NAME}@dev", "dev", "failed", {}),
        ),
        start=1,
    )
)  # fmt: skip

STATUS = PlatformStatus(
    version="0.1.0",
    home="/var/lib/roadbed",
    started_at=before(days=3, hours=4),
    url="http://127.0.0.1:4600",
    isolation=Isolation(sandbox=True, reason=None, user="roadbed-app", memory="cgroup"),
    components=(
        Component("server", "running", "api, worker, agent", 4211, 148.0),
        Component("database", "running", "PostgreSQL 18.1, port 4601", 4190, 61.0),
        Component("applications' database", "running", "PostgreSQL 18.1, port 4602", 4195, 55.5),
        Component("gateway", "running", "Traefik 3.6, port 8080", 4250, 72.0),
    ),
    counts={"applications": 7, "replicas": 37, "operations": 128},
)
UNSANDBOXED = Isolation(
    sandbox=False, reason="this kernel forbids user namespaces to this user", user="ana", memory="watch"
)

CHECKS = (
    Check("Sandbox", "ok", "bubblewrap 0.11 works, as the user roadbed-app"),
    Check("Memory limits", "warning", "cgroups are read-only here: memory is watched instead",
          "run the platform under systemd with Delegate=yes to have the kernel enforce limits"),
    Check("Node.js", "missing", "node was not found", "install Node 20 to build applications written in JavaScript"),
    Check("Disk", "ok", "41 GB free at /var/lib/roadbed"),
)  # fmt: skip
