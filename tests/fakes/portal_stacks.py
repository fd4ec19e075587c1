"""The stacks of the portal's fake platform: each state of a plan and of a resource, long values, thousands of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fakes import portal_data as data
from roadbed.engine.domain import Change, Options, Plan, PlanOptions, Remediation, Rewrite, Source, Step
from roadbed.engine.state.drift import DriftedResource, DriftReport
from roadbed.engine.views import HistoryEntry, StackOutput, Version
from roadbed.policy.domain import Place, Verdict
from roadbed.stacks.domain import (
    DriftSummary,
    PlanState,
    PlanView,
    ResourceView,
    StackDetail,
    StackSecret,
    Standing,
    Wish,
)

NETWORK, ORDERS, RUNNERS, EMPTY = "network@dev", "orders@dev", "runners@dev", "warehouse@prod"
PLATFORM = "group:default/platform"
HOSTS = 5_000


def _stack(
    name: str, owner: str | None, kind: Any, resources: int, drift: DriftSummary | None, **more: Any
) -> StackDetail:
    values: dict[str, Any] = {"applying": None, "updated_at": data.before(hours=3), "serial": 41} | more
    environment = name.partition("@")[2]
    return StackDetail(name, owner, environment, kind, resources, drift=drift, **values)


STACKS = {
    stack.stack: stack
    for stack in (
        _stack(NETWORK, PLATFORM, "module", 12, DriftSummary(data.before(minutes=20), 2, 1, 1),
               description="The network that every application of dev stands in.", plan=12,
               drift_every=timedelta(minutes=30), drift_action="plan", failed=1),
        _stack(ORDERS, data.PAYMENTS, "application", 6, DriftSummary(data.before(minutes=4), 0, 0, 0), release="v12"),
        _stack("orders@prod", data.PAYMENTS, "application", 6, None, release="v9"),
        _stack(RUNNERS, PLATFORM, "module", HOSTS, DriftSummary(data.before(days=2), 7, 0, 0, stale=True), plan=3),
        _stack(f"{data.LONG_NAME}@dev", "group:default/settlements-and-reconciliation-engineering", "application", 24,
               DriftSummary(data.before(hours=1), 0, 0, 2), release="v1204"),
        _stack(EMPTY, None, "module", 0, None, updated_at=None, serial=0),
    )
}  # fmt: skip


_VPC, _SUBNET = "main/vpc#cloud:Network", "main/subnet-a#cloud:Subnet"
_MANY_LINES = "shared_buffers = 1GB\n" * 30


def _resource(stack: str, path: str, type_: str, *uses: str, **more: Any) -> ResourceView:
    values: dict[str, Any] = {
        "kind": "managed", "state": "created", "id": f"{path}-4711", "properties": {}, "outputs": {},
        "secret_outputs": (), "protect": False, "source": Source("modules/network/roadbed.py", 14), "release": None,
    }  # fmt: skip
    used = frozenset(f"{stack}/{one}" for one in uses)
    return ResourceView(f"{stack}/{path}#{type_}", type_, path.rpartition("/")[2], depends_on=used, **(values | more))


_NETWORK = (
    _resource(NETWORK, "main", "acme:Network", _VPC, _SUBNET, kind="component"),
    _resource(NETWORK, "main/vpc", "cloud:Network", protect=True,
              options=Options(protect=True, ignore_changes=("tags.owner", "tags.cost"), timeouts={"create": 600}),
              properties={"range": "10.20.0.0/16", "tags": {"team": "platform", "cost": "shared"}},
              outputs={"id": "net-0a41", "arn": "cloud:network/net-0a41"}),
    _resource(NETWORK, "main/subnet-a", "cloud:Subnet", "main/vpc#cloud:Network",
              properties={"range": "10.20.1.0/24", "zone": "a"}, outputs={"id": "sub-11"}),
    _resource(NETWORK, "main/subnet-b", "cloud:Subnet", "main/vpc#cloud:Network", properties={"range": "10.20.2.0/24"}),
    _resource(NETWORK, "main/gateway", "cloud:Gateway", "main/vpc#cloud:Network",
              properties={"rules": ["443 from anywhere", "22 from 10.0.0.0/8"]}),
    _resource(NETWORK, "databases/server", "postgres:Server", "main/subnet-a#cloud:Subnet",
              properties={"version": "18", "password": {"$secret": "5f2a"}, "parameters": _MANY_LINES},
              outputs={"host": "10.20.1.7", "port": 5432}, secret_outputs=("password",)),
    _resource(NETWORK, "databases/backup", "cloud:Bucket", "databases/server#postgres:Server", state="failed", id=""),
    _resource(NETWORK, "databases/old", "cloud:Bucket", state="deposed"),
    _resource(NETWORK, "zone", "cloud:Zone", kind="read", outputs={"name": "dev.example.com"}, source=None),
    _resource(NETWORK, "key", "tls:Key", properties={"bits": 4096}, secret_outputs=("private_key",)),
    _resource(NETWORK, "certificate", "tls:Certificate", "key#tls:Key", "zone#cloud:Zone",
              outputs={"pem": "-----BEGIN CERTIFICATE-----\n" + "MIIB9TCCAV6gAwIBAgIUQ\n" * 40}),
    _resource(NETWORK, data.LONG_NAME, "cloud:AVeryLongTypeNameThatNobodyWouldChooseButSomebodyDid"),
)  # fmt: skip


def resources(stack: str) -> list[ResourceView]:
    if stack == NETWORK:
        return list(_NETWORK)
    if stack == RUNNERS:
        return [_resource(RUNNERS, f"host-{number:04}", "command:Run") for number in range(HOSTS)]
    if stack == EMPTY:
        return []
    return [
        _resource(stack, one.urn.partition("#")[0].partition("/")[2], one.type,
                  *(urn.removeprefix(f"{stack}/") for urn in one.depends_on),
                  source=Source("roadbed.yaml", 9), release=12)
        for one in data.resources(stack)
    ]  # fmt: skip


def drift(stack: str) -> DriftReport:
    looked = STACKS[stack].drift
    if looked is None:
        return DriftReport(stack)
    items = () if looked.changed == looked.gone == 0 else _DRIFTED
    return DriftReport(stack, looked.at, "system:drift", 40, 12, 12 if items else None, items, looked.stale)


def _drifted(path: str, type_: str, state: Any, *changes: Change, **more: Any) -> DriftedResource:
    return DriftedResource(f"{NETWORK}/{path}#{type_}", type_, path.rpartition("/")[2], state, changes, **more)


_RULES = ["443 from anywhere", "22 from 10.0.0.0/8", "icmp from anywhere", "80 from anywhere"]
_CONFIG = "".join(f"setting_{number} = {number}\n" for number in range(60))
_DRIFTED = (
    _drifted("main/gateway", "cloud:Gateway", "changed",
             Change("rules", _RULES[:3], [_RULES[0], "22 from anywhere", _RULES[2]])),
    _drifted("main/vpc", "cloud:Network", "changed", Change("tags.team", "platform", "platform-eu"),
             Change("tags.owner", None, "somebody"),
             outputs=(Change("arn", "cloud:network/net-0a41", "cloud:network/net-0a42"),)),
    _drifted("certificate", "tls:Certificate", "gone"),
    _drifted("zone", "cloud:Zone", "unreadable", error="the provider cloud answered 503: region eu-1 is down"),
)  # fmt: skip

OUTPUTS = (
    StackOutput("certificate", "-----BEGIN CERTIFICATE-----\n" + "MIIB9TCCAV6gAwIBAgIUQ\n" * 12, secret=False),
    StackOutput("database_password", None, secret=True, consumers=("orders@dev",)),
    StackOutput("subnets", ["sub-11", "sub-12"], secret=False, consumers=("orders@dev", "invoices@dev", RUNNERS)),
    StackOutput("vpc_id", "net-0a41", secret=False, consumers=("orders@dev",)),
)


def _entry(id_: int, action: str, plan: int | None, outcome: str, summary: Mapping[str, Any], who: str) -> HistoryEntry:
    return HistoryEntry(id_, data.before(hours=5 * (20 - id_)), who, action, plan, outcome, summary)


_ERROR = {"code": "apply_failed", "detail": "network@dev/main/gateway#cloud:Gateway: the rule is used " + "x" * 80}
SECRETS = tuple(
    StackSecret(NETWORK, name, f"secret_{number}", "rb1.sealed", data.before(days=number), "user:ada")
    for number, name in enumerate(("API_KEY", data.LONG_NAME.upper(), "TOKEN"), 1)
)
HISTORY = (
    _entry(20, "secrets", None, "done", {"set": ["TOKEN"]}, "user:ada"),
    _entry(19, "apply", 11, "failed", {"create": 2, "update": 1, "error": _ERROR}, "user:ada"),
    _entry(18, "refresh", None, "succeeded", {"changed": 1}, "user:grace"),
    _entry(17, "move", None, "succeeded", {"moved": 3}, "user:grace"),
    _entry(16, "apply", 8, "succeeded", {"create": 12, "none": 0}, "system:reconciler"),
)

VERSIONS = (
    Version(9, data.before(hours=5), 11, "update", "failed", (), {"detail": "the range is used by sub-11"}),
    Version(8, data.before(hours=20), 8, "update", "succeeded", (Change("tags.team", None, "platform"),)),
    Version(2, data.before(days=4), 1, "create", "succeeded", (Change("range", None, "10.20.0.0/16"),)),
)


def _step(path: str, type_: str, action: Any, *changes: Change, uses: tuple[str, ...] = (), **more: Any) -> Step:
    values: dict[str, Any] = {"phase": "infrastructure", "source": Source("modules/network/roadbed.py", 22)} | more
    used = frozenset(f"{NETWORK}/{one}" for one in uses)
    return Step(
        f"{NETWORK}/{path}#{type_}", type_, path.rpartition("/")[2], action, changes=changes, depends_on=used, **values
    )


STEPS = (
    _step("main/vpc", "cloud:Network", "update", Change("tags.team", "platform-eu", "platform"),
          options=Options(protect=True)),
    _step("main/subnet-a", "cloud:Subnet", "none", uses=(_VPC,)),
    _step("main/subnet-b", "cloud:Subnet", "replace", Change("range", "10.20.2.0/24", "10.20.4.0/22", replaces=True),
          Change("id", "sub-12", {"$unknown": True}, unknown=True), uses=(_VPC,), order="create_first"),
    _step("main/gateway", "cloud:Gateway", "update", Change("rules", _RULES[:3], [_RULES[0], _RULES[3], *_RULES[1:3]]),
          uses=(_VPC,)),
    _step("databases/server", "postgres:Server", "replace", Change("version", "17", "18", replaces=True),
          Change("password", {"$secret": True}, {"$secret": True}, secret=True),
          Change("parameters", _CONFIG, _CONFIG.replace("setting_7 = 7", "setting_7 = 70\nsetting_7b = yes")),
          Change("banner", "x" * 900 + "old" + "y" * 300, "x" * 900 + "new" + "y" * 300),
          uses=(_SUBNET,), order="delete_first"),
    _step("databases/seed", "command:Run", "create", Change("command", None, "psql -f seed.sql\npsql -f grants.sql\n"),
          Change("host", None, {"$unknown": True}, unknown=True),
          uses=("databases/server#postgres:Server",), may_run_twice=True),
    _step("databases/backup", "cloud:Bucket", "adopt", Change("name", None, "backups"),
          note="an earlier creation broke off: it is found again, or made"),
    _step("databases/old", "cloud:Bucket", "delete", deposed="a1"),
    _step("zone", "cloud:Zone", "read", Change("name", None, "dev.example.com"), kind="read", id="zone-7"),
    _step("bastion", "cloud:Host", "import", Change("size", "small", "medium"), id="i-0abc"),
    _step("jump", "cloud:Host", "retain", moved_from=f"{NETWORK}/legacy/jump#cloud:Host"),
    _step("metrics", "cloud:Dashboard", "delete", source=None),
    _step(data.LONG_NAME, "cloud:AVeryLongTypeNameThatNobodyWouldChooseButSomebodyDid", "create",
          *(Change(f"properties.of.a.deep.object.number_{number}", None, number) for number in range(8)),
          uses=("bastion#cloud:Host",)),
)  # fmt: skip

_REWRITES = (
    Rewrite(f"{NETWORK}/old/key#tls:Key", f"{NETWORK}/key#tls:Key", frozenset()),
    Rewrite(f"{NETWORK}/certificate#tls:Certificate", f"{NETWORK}/certificate#tls:Certificate", frozenset(), gone=True),
)
_ADVICE = Verdict(
    "no-open-ports", "advisory", STEPS[3].urn, "port 80 is open to anyone", "leave it to the gateway of the platform",
    pack="security", reason="What is open is found within minutes.", source=Place("modules/network/roadbed.py", 14),
)  # fmt: skip
_WHOLE = Verdict("few-at-once", "advisory", "", "this plan replaces three things at once", "make one plan for each")
_MENDED = Remediation(
    "tagged", "cost", STEPS[3].urn, "it had no team", "Whoever pays wants to know.", (Change("tags.team", None, "net"),)
)
_REFUSAL = Verdict(
    "databases-are-backed-up", "mandatory", STEPS[4].urn, "this database is replaced without a backup",
    "apply a plan that takes one first",
)  # fmt: skip


def _plan(stack: str, number: int, steps: tuple[Step, ...], *verdicts: Verdict, base: int = 41, **more: Any) -> Plan:
    return Plan(
        stack, number, base, f"{number:02}9c1f" * 11, steps, verdicts, data.before(minutes=9), "user:ada", **more
    )


_RUNNERS = tuple(
    replace(_step(f"host-{number:04}", "command:Run", "create", Change("command", None, f"provision {number}")),
            urn=f"{RUNNERS}/host-{number:04}#command:Run")
    for number in range(HOSTS)
)  # fmt: skip

PLANS: dict[tuple[str, int], Plan] = {
    (plan.stack, plan.number): plan
    for plan in (
        _plan(NETWORK, 12, STEPS, _ADVICE, _WHOLE, rewrites=_REWRITES, remediations=(_MENDED,)),
        _plan(NETWORK, 11, STEPS, _ADVICE, base=39),
        _plan(NETWORK, 10, STEPS[:3], base=38),
        _plan(NETWORK, 9, STEPS[:3]),
        _plan(NETWORK, 8, STEPS[:2], base=30),
        _plan(NETWORK, 13, STEPS, _ADVICE, _REFUSAL),
        _plan(NETWORK, 14, STEPS[1:2]),
        _plan(NETWORK, 15, tuple(step for step in STEPS if step.action == "delete"), options=PlanOptions(destroy=True)),
        _plan(RUNNERS, 3, _RUNNERS),
    )
}
"""Of the network: 12 is open, 11 failed, 10 stale, 9 discarded, 8 applied, 13 refused, 14 empty, 15 a destroy."""

PLAN_STATES = {
    **{key: PlanState(key[1], Wish(), None) for key in PLANS},
    (NETWORK, 11): PlanState(11, Wish(refresh=True), None, operation="op_failed"),
    (NETWORK, 9): PlanState(9, Wish(targets=("main/*",), target_dependents=True), None, discarded=True),
    (NETWORK, 15): PlanState(15, Wish(destroy=True), None),
}

_STANDINGS: dict[int, Standing] = {
    15: "open", 14: "empty", 13: "refused", 12: "open", 11: "failed", 10: "stale", 9: "discarded", 8: "applied",
}  # fmt: skip


def plan_views(stack: str, made: Mapping[tuple[str, int], PlanState]) -> list[PlanView]:
    found = [
        PlanView(number, plan.created_at, plan.created_by, plan.summary, _STANDINGS.get(number, "open"),
                 wish=made[name, number].wish, operation=made[name, number].operation)
        for (name, number), plan in PLANS.items() if name == stack
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.number)


def wide_plan(number: int, deletions: int) -> Plan:
    """Of three components with 9 resources each, and of so many deletions that depend on nothing."""
    made = [step for name in ("blue", "green", "red") for step in _component(name)]
    gone = [_step(f"old-{one:03}", "command:Command", "delete") for one in range(deletions)]
    return _plan(NETWORK, number, (*made, *gone))


def _component(name: str) -> Iterator[Step]:
    yield _step(f"{name}/vpc", "cloud:Network", "create")
    for one in range(4):
        yield _step(f"{name}/subnet-{one}", "cloud:Subnet", "create", uses=(f"{name}/vpc#cloud:Network",))
        yield _step(f"{name}/host-{one}", "cloud:Host", "create", uses=(f"{name}/subnet-{one}#cloud:Subnet",))
