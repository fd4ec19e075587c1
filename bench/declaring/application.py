"""A large application: 20 workloads, 60 resources, as its files. And how long it takes to read and compile it.

`python -m bench.declaring.application FOLDER` writes the files; without a folder it measures.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roadbed.delivery import compiler
from roadbed.delivery.domain import Settings
from roadbed.delivery.surroundings import Surroundings
from roadbed.kit.names import StackName
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

WORKLOADS, RESOURCES_EACH = 20, 3
NAME, ENVIRONMENT = "large", "dev"
GOAL_S = 0.05

_OUTPUTS = {
    "postgres": ("host", "port", "name", "database", "username", "password"),
    "dns": ("host",),
    "route": (),
}
_SCORE = """\
apiVersion: score.dev/v1b1
metadata:
  name: {name}
  annotations:
    example.com/team: payments
service:
  ports:
    http: {{port: 80, targetPort: 8080}}
containers:
  main:
    image: .
    command: [python, server.py]
    variables:
      DATABASE_URL: postgres://${{resources.db.username}}:${{resources.db.password}}@${{resources.db.host}}/app
      PUBLIC_URL: http://${{resources.dns.host}}/
      TEAM: ${{metadata.annotations.example\\.com/team}}
      LOG_LEVEL: info
    readinessProbe:
      httpGet: {{path: /healthz, port: 8080}}
    resources:
      limits: {{memory: 128Mi, cpu: "0.5"}}
resources:
  db:
    type: postgres
  dns:
    type: dns
  front:
    type: route
    params:
      host: ${{resources.dns.host}}
      path: /{name}
      port: http
"""
_SERVER = """\
import http.server
import os


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["ROADBED_WORKLOAD"].encode())


http.server.ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler).serve_forever()
"""


def files() -> dict[str, str]:
    """The text of every file, by its path."""
    names = [f"service-{number:02}" for number in range(WORKLOADS)]
    listed = "".join(f"  {name}: {{score: {name}/score.yaml, scale: {{min: 1}}}}\n" for name in names)
    head = f"apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {{name: {NAME}, owner: group:default/platform}}\n"
    layers = "environments:\n  prod:\n    variables: {LOG_LEVEL: warning}\n"
    return {
        "roadbed.yaml": f"{head}workloads:\n{listed}{layers}",
        "server.py": _SERVER,
        **{f"{name}/score.yaml": _SCORE.format(name=name) for name in names},
    }


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """What provisioners would say: each resource is one of the graph, its outputs are references to it."""
    graph, outputs = [], {}
    for asked in request["requests"]:
        urn = f"{request['stack']}/{asked['workload']}/{asked['name']}#bench:{asked['type']}"
        graph.append({"urn": urn, "type": f"bench:{asked['type']}", "name": asked["name"], "properties": {}})
        outputs[asked["uid"]] = {name: {"$ref": [urn, name]} for name in _OUTPUTS[asked["type"]]}
    return {"graph": {"resources": graph}, "outputs": outputs, "provisioners": {}}


def around() -> Surroundings:
    return Surroundings(StackName(NAME, ENVIRONMENT), "development", "group:default/platform", "a" * 64, Settings())


def read(texts: Mapping[str, str]) -> ApplicationSource:
    return read_source(from_mapping(texts), ENVIRONMENT)


def compiled(source: ApplicationSource, answered: Mapping[str, Any]) -> dict[str, Any]:
    """What is pure of a compile: the provisioners have answered."""
    compiler.provision_request(source, around())
    return compiler.assemble(source, answered, around())


def read_and_compile_s(rounds: int = 15) -> float:
    """Seconds for reading the files and compiling them, the median of so many rounds."""
    texts = files()
    answered = answer(compiler.provision_request(read(texts), around()))
    return statistics.median(_round_s(texts, answered) for _ in range(rounds))


def _round_s(texts: Mapping[str, str], answered: Mapping[str, Any]) -> float:
    began = time.perf_counter()
    compiled(read(texts), answered)
    return time.perf_counter() - began


def write(folder: Path) -> None:
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
    else:
        print(f"read and compile {WORKLOADS} workloads, {WORKLOADS * RESOURCES_EACH} resources:", end=" ")
        print(f"{read_and_compile_s() * 1000:.1f} ms (goal: {GOAL_S * 1000:.0f} ms)")
