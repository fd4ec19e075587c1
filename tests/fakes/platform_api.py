"""A platform that speaks the REST API's shapes from memory: what the CLI's tests talk to."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from fakes import stacks_api
from roadbed.kit.errors import InvalidInput, NotFound, RoadbedError, Unauthenticated

TOKEN = "rbt_of-the-fake"
AT = "2026-01-01T00:00:00.000Z"
LATER = "2026-01-01T00:00:02.500Z"
URL = "http://orders.dev.localhost:8080"

Body = Any
Answer = Any


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: Body


@dataclass(frozen=True)
class Raw:
    """An answer that is no JSON."""

    content: bytes
    type: str


def step(name: str, state: str = "succeeded", **more: Any) -> dict[str, Any]:
    times = {"started_at": AT, "ended_at": LATER} if state != "running" else {"started_at": AT, "ended_at": None}
    return (
        {"name": name, "title": name.capitalize(), "state": state, "done": 0, "total": 0, "message": None}
        | times
        | more
    )


def operation(state: str = "succeeded", **more: Any) -> dict[str, Any]:
    body = {
        "id": "op_1",
        "kind": "deploy",
        "title": "Deploy orders to dev",
        "target": "orders@dev",
        "state": state,
        "requested_by": "user:ada",
        "created_at": AT,
        "started_at": AT,
        "ended_at": LATER,
        "steps": [step("build"), step("apply", done=3, total=3)],
        "result": {"url": URL, "release": "v2", "sandboxed": True} if state == "succeeded" else None,
        "error": None,
    }
    return body | more


def sse(*events: tuple[str, Any]) -> bytes:
    return b"".join(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode() for name, data in events)


EXPLANATION: dict[str, Any] = {
    "application": "orders",
    "environment": "dev",
    "release": "v2",
    "workloads": [
        {
            "name": "web",
            "place": "score.yaml:1",
            "replicas": {"layer": "default", "place": None, "value": 1},
            "containers": [
                {
                    "name": "main",
                    "place": "score.yaml:4",
                    "variables": [
                        {
                            "name": name,
                            "value": value,
                            "secret": secret,
                            "layer": layer,
                            "place": place,
                            "written": written,
                            "refers": [],
                            "over": over,
                        }
                        for name, value, secret, layer, place, written, over in (
                            ("DB", None, False, "score", "score.yaml:7", "pg://${resources.db.host}", []),
                            ("KEY", None, True, "config", None, None, [{"layer": "score", "place": "score.yaml:8"}]),
                            ("ROADBED_WORKLOAD", "web", False, "platform", None, None, []),
                        )
                    ],
                    "files": [
                        {
                            "target": "/etc/app.conf",
                            "content": "source",
                            "source": "app.conf",
                            "size": 1200,
                            "mode": "0644",
                            "expanded": False,
                            "place": "score.yaml:9",
                            "refers": [],
                        }
                    ],
                    "volumes": [
                        {
                            "target": "/data",
                            "uid": "volume.default#web.data",
                            "path": None,
                            "read_only": False,
                            "size": "1Gi",
                            "place": "score.yaml:10",
                        }
                    ],
                }
            ],
        }
    ],
    "resources": [
        {
            "uid": "postgres.default#web.db",
            "type": "postgres",
            "class": "default",
            "id": None,
            "workloads": ["web"],
            "declared": ["score.yaml:11"],
            "params": {},
            "provisioner": "provisioners/defaults.py:15",
            "outputs": ["host", "port"],
            "made": ["orders@dev/web/db#postgres:Database"],
        }
    ],
    "not_in_force": [{"message": "jobs is not in force here yet", "file": "roadbed.yaml", "line": 4}],
}

APPLICATION = {
    "application": "orders",
    "environment": "dev",
    "url": URL,
    "release": "v2",
    "health": "healthy",
    "owner": "group:default/payments",
    "replicas": {"ready": 2, "desired": 2},
    "updated_at": AT,
}
DETAIL = APPLICATION | {
    "description": "Takes orders",
    "system": None,
    "workloads": [{"name": "web", "replicas": {"ready": 2, "desired": 2}, "artifact": "ab12", "reason": "exit code 3"}],
    "resources": [
        {"urn": "orders@dev/web/db#postgres:Database", "type": "postgres:Database", "name": "db", "state": "ready"},
        {
            "urn": "orders@dev/data#runtime:Volume",
            "type": "runtime:Volume",
            "name": "data",
            "state": "ready",
            "holds_bytes": 3_000_000,
            "note": "2.9 MB, more than its size of 1Mi: nothing stops it",
        },
    ],
    "last_operation": None,
    "sandboxed": True,
}
PLAN = {
    "number": 4,
    "stack": "orders@dev",
    "summary": {"create": 1, "update": 1, "replace": 0, "delete": 0, "none": 2},
    "steps": [
        {
            "urn": "orders@dev/web/db#postgres:Database",
            "type": "postgres:Database",
            "name": "db",
            "action": "create",
            "changes": [{"path": "name", "before": None, "after": "orders"}],
        },
        {
            "urn": "orders@dev/web/web#runtime:Service",
            "type": "runtime:Service",
            "name": "web",
            "action": "update",
            "changes": [{"path": "replicas", "before": 1, "after": 2}],
        },
    ],
    "verdicts": [],
}


@dataclass
class FakePlatform:
    """`requests` is all that was asked; `operations`, `events` and `answers` are what it says."""

    requests: list[Request] = field(default_factory=list)
    operations: dict[str, dict[str, Any]] = field(default_factory=lambda: {"op_1": operation()})
    events: list[bytes] = field(default_factory=list)
    """One stream for each connection; after the last, the operation as it is."""
    answers: dict[tuple[str, str], Answer | RoadbedError] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)
    plan: dict[str, Any] = field(default_factory=stacks_api.plan)
    """What planning a stack gives."""
    journal: list[dict[str, Any]] = field(default_factory=list)
    """What the progress of an apply tells."""
    url: str = ""
    bundle: bytes = b""

    def asked(self, method: str, path: str) -> list[Request]:
        return [request for request in self.requests if (request.method, request.path) == (method, path)]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if (request.method, request.path) in self.answers:
            answer = self.answers[request.method, request.path]
            if isinstance(answer, RoadbedError):
                raise answer
            return answer
        for method, pattern, handler in ROUTES:
            if method == request.method and (match := re.fullmatch(pattern, request.path)):
                return handler(self, request, *match.groups())
        raise NotFound(f"there is no {request.path}")


def _application(platform: FakePlatform, request: Request, name: str) -> Answer:
    if name != "orders":
        raise NotFound(f"there is no application {name}")
    return DETAIL | {"environment": request.query["environment"]}


def _accept(platform: FakePlatform, request: Request, *_: str) -> Answer:
    return {"operation": platform.operations["op_1"]}


def _items(*items: Any) -> Callable[..., Answer]:
    return lambda *_: {"items": list(items), "next": None}


def _operation(platform: FakePlatform, request: Request, name: str) -> Answer:
    if name not in platform.operations:
        raise NotFound(f"there is no operation {name}")
    return platform.operations[name]


def _events(platform: FakePlatform, request: Request, name: str) -> Answer:
    return Raw(
        platform.events.pop(0) if platform.events else sse(("operation", platform.operations[name])),
        "text/event-stream",
    )


def _put_source(platform: FakePlatform, request: Request) -> Answer:
    digest = hashlib.sha256(request.body).hexdigest()
    platform.sources.add(digest)
    return {"digest": digest, "size": len(request.body)}


def _login(platform: FakePlatform, request: Request) -> Answer:
    if request.body != {"username": "ada", "password": "correct horse"}:
        raise Unauthenticated("wrong name or password")
    return {"token": TOKEN, "expires_at": None, "user": {"name": "ada"}}


def _scale(platform: FakePlatform, request: Request, *_: str) -> Answer:
    if "web" not in request.body["replicas"]:
        raise InvalidInput("there is no such workload", hint="orders has: web")
    return _accept(platform, request)


def _of_stack(answer: Answer) -> Callable[..., Answer]:
    """The same for every stack that there is; an answer may be made from the platform and the request."""

    def handler(platform: FakePlatform, request: Request, name: str, *_: str) -> Answer:
        stacks_api.known(name)
        return answer(platform, request) if callable(answer) else answer

    return handler


def _plan_of_stack(platform: FakePlatform, request: Request) -> Answer:
    return platform.plan


def _set_secret(platform: FakePlatform, request: Request) -> Answer:
    return {"changed": request.body != {"value": stacks_api.HELD}}


def _progress(platform: FakePlatform, request: Request) -> Answer:
    left = [entry for entry in platform.journal if entry["id"] > int(request.query["after"])]
    return Raw(sse(*([("progress", {"entries": left})] if left else []), ("end", {"after": 0})), "text/event-stream")


LOG = [
    {"at": AT, "replica": "web-1", "workload": "web", "stream": "stdout", "text": "listening"},
    {"at": LATER, "replica": "web-2", "workload": "web", "stream": "stderr", "text": "warming\x1b[31m up"},
]
TEMPLATE = {"name": "python-api", "title": "A Python API", "description": "", "tags": ["python"], "owner": "platform"}
FORM = [
    {
        "title": "Service",
        "properties": {
            "name": {"type": "string"},
            "owner": {"type": "string"},
            "replicas": {"type": "integer"},
            "public": {"type": "boolean"},
        },
    }
]

ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", "/health", lambda *_: {"status": "ok", "version": "9.9.9"}),
    ("POST", "/login", _login),
    ("GET", "/whoami", lambda *_: {
        "name": "ada", "kind": "user",
        "groups": ["group:default/payments"], "grants": [{"role": "owner", "scope": "*"}],
    }),
    ("GET", "/status", lambda *_: {
        "version": "9.9.9", "home": "/home", "started_at": AT, "url": "http://127.0.0.1:1",
        "isolation": {"sandbox": True, "reason": None, "user": "roadbed", "memory": "cgroup"},
        "components": [{"name": "gateway", "state": "running", "detail": "traefik", "pid": 1, "memory_mb": 40.2}],
        "counts": {"applications": 1},
    }),
    ("GET", "/doctor", _items({"check": "sandbox", "state": "ok", "detail": "bubblewrap", "remedy": None})),
    ("GET", "/environments", _items({"name": "dev", "kind": "development", "runtime": "process"})),
    ("GET", "/applications", _items(APPLICATION)),
    ("GET", "/applications/([^/]+)", _application),
    ("DELETE", "/applications/([^/]+)", _accept),
    ("PUT", "/sources", _put_source),
    ("POST", "/applications/([^/]+)/deployments", _accept),
    ("POST", "/applications/([^/]+)/plans", lambda *_: PLAN),
    ("GET", "/applications/([^/]+)/replicas", _items({
        "name": "web-1", "workload": "web", "state": "ready", "release": "v2", "started_at": AT, "restarts": 0,
        "endpoint": "127.0.0.1:1", "memory_mb": 33.3, "cpu_percent": 1.0,
        "containers": [{"name": "sidecar", "state": "crashed", "restarts": 3, "reason": "out of memory"}],
    })),
    ("GET", "/applications/([^/]+)/releases", _items({
        "release": "v2", "number": 2, "status": "active", "created_at": AT, "created_by": "user:ada",
        "message": "faster", "rollback_of": None, "sandboxed": True,
        "origin": {"kind": "folder", "revision": "7f3a9c1d" * 5, "ref": "main", "dirty": True, "url": None},
    })),
    ("GET", "/applications/([^/]+)/logs", lambda *_: Raw(
        b"".join(json.dumps(line).encode() + b"\n" for line in LOG), "application/x-ndjson"
    )),
    ("POST", "/applications/([^/]+)/rollback", _accept),
    ("POST", "/applications/([^/]+)/restart", _accept),
    ("POST", "/applications/([^/]+)/scale", _scale),
    ("GET", "/applications/([^/]+)/config", _items(
        {"name": "LEVEL", "value": "info", "secret": False, "source": "cli"},
        {"name": "API_KEY", "value": None, "secret": True, "source": "cli"},
    )),
    ("PATCH", "/applications/([^/]+)/config", _accept),
    ("GET", "/applications/([^/]+)/explanation", lambda *_: EXPLANATION),
    ("GET", "/applications/([^/]+)/source", lambda platform, *_: Raw(platform.bundle, "application/octet-stream")),
    ("GET", "/operations", lambda platform, *_: {"items": list(platform.operations.values()), "next": None}),
    ("GET", "/operations/([^/]+)", _operation),
    ("POST", "/operations/([^/]+)/cancel", _operation),
    ("GET", "/operations/([^/]+)/log", _items({"sequence": 1, "at": AT, "step": "build", "text": "making"})),
    ("GET", "/operations/([^/]+)/events", _events),
    ("GET", "/resource-types", _items(stacks_api.TYPE_ROW)),
    ("GET", "/resource-types/([^/]+)", lambda *_: stacks_api.TYPE),
    ("POST", "/resource-types/([^/]+)/declaration", lambda *_: {"code": "db = ...", "problems": []}),
    ("GET", "/stacks", _items(stacks_api.STACK_ROW, stacks_api.APPLICATION_STACK)),
    ("GET", "/stacks/([^/]+)", lambda _platform, _request, name: stacks_api.known(name)),
    ("GET", "/stacks/([^/]+)/resources", _of_stack({"items": stacks_api.RESOURCES})),
    ("GET", "/stacks/([^/]+)/resources/history", _of_stack({"items": stacks_api.VERSIONS})),
    ("GET", "/stacks/([^/]+)/history", _of_stack({"items": [stacks_api.HISTORY]})),
    ("GET", "/stacks/([^/]+)/plans", _of_stack({"items": stacks_api.PLANS})),
    ("GET", "/stacks/([^/]+)/outputs", _of_stack({"items": stacks_api.OUTPUTS})),
    ("GET", "/stacks/([^/]+)/secrets", _of_stack({"items": stacks_api.SECRETS})),
    ("PUT", "/stacks/([^/]+)/secrets/([^/]+)", _of_stack(_set_secret)),
    ("DELETE", "/stacks/([^/]+)/secrets/([^/]+)", _of_stack({"unset": True})),
    ("GET", "/stacks/([^/]+)/drift", _of_stack(stacks_api.DRIFT)),
    ("GET", "/stacks/([^/]+)/export", _of_stack(stacks_api.EXPORTED)),
    ("POST", "/stacks/([^/]+)/plans", _of_stack(_plan_of_stack)),
    ("GET", "/stacks/([^/]+)/plans/([0-9]+)", _of_stack(_plan_of_stack)),
    ("POST", "/stacks/([^/]+)/plans/([0-9]+)/apply", _of_stack(_accept)),
    ("GET", "/stacks/([^/]+)/plans/([0-9]+)/progress", _of_stack(_progress)),
    ("POST", "/stacks/([^/]+)/(?:refresh|drift)", _of_stack(_accept)),
    ("POST", "/stacks/([^/]+)/import", _of_stack({"stack": stacks_api.STACK, "resources": 2, "serial": 4})),
    ("POST", "/stacks/([^/]+)/move", _of_stack({
        "items": [{"was": stacks_api.urn("subnet"), "urn": stacks_api.urn("main/subnet")}],
    })),
    ("POST", "/stacks/([^/]+)/forget", _of_stack({"items": [stacks_api.urn("subnet")]})),
    ("GET", "/audit", _items({
        "id": "au_1", "at": AT, "principal": "user:ada", "action": "application.deploy", "target": "application orders",
        "outcome": "done", "detail": {},
    })),
    ("GET", "/templates", _items(TEMPLATE)),
    ("GET", "/templates/python-api", lambda *_: TEMPLATE | {"parameters": FORM, "steps": []}),
    ("POST", "/templates/python-api/runs", _accept),
]  # fmt: skip


def _handler(platform: FakePlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_json = self.headers.get("Content-Type") == "application/json"
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            path = unquote(parts.path.removeprefix("/api/v1"))
            try:
                if path not in ("/health", "/login") and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    raise Unauthenticated("the token is not valid")
                body = json.loads(raw) if is_json else raw
                self._send(200, platform.answer(Request(self.command, path, query, body)))
            except RoadbedError as error:
                self._send(error.status, error.to_dict(), "application/problem+json")

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815  # the names http.server asks for

        def _send(self, status: int, answer: Answer, content_type: str = "application/json") -> None:
            content = answer.content if isinstance(answer, Raw) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", answer.type if isinstance(answer, Raw) else content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # http.server names it so
            pass

    return Handler


@contextmanager
def serving(platform: FakePlatform) -> Iterator[FakePlatform]:
    """Serves `platform` on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(platform))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    platform.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def git_bundle(folder: Path) -> bytes:
    """A repository of one file, as the bundle that a golden path hands out."""
    repository, bundle = folder / "repository", folder / "orders.bundle"
    repository.mkdir()
    (repository / "README.md").write_text("# orders\n")
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    for arguments in (
        ("init", "-q", "-b", "main"),
        ("add", "."),
        (*identity, "commit", "-q", "-m", "first"),
        ("bundle", "create", "-q", str(bundle), "HEAD", "main"),
    ):
        subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True)
    return bundle.read_bytes()
