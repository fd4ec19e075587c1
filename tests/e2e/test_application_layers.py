"""What roadbed.yaml says, read from inside a replica: layers of variables, overrides, resources of the application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from live_platform import LivePlatform, StartPlatform, call

pytestmark = pytest.mark.slow

FILES = {
    "requirements.txt": "",
    "serve.py": """\
import http.server, json, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
""",
    "score.yaml": r"""
apiVersion: score.dev/v1b1
metadata: {name: web, team: payments}
service: {ports: {http: {port: 80, targetPort: 8080}}}
containers:
  main:
    image: .
    command: [python, serve.py]
    variables:
      LEVEL: score
      OVERRIDDEN: score
      KEPT: ${metadata.team}
      MISSING: ${resources.env.NOPE}
      IN_TEXT: "<${resources.env.NOPE}>"
      REGION_OF_ENV: ${resources.env.REGION}
      KEY_OF_ENV: ${resources.env.API_KEY}
    readinessProbe: {httpGet: {path: /, port: 8080}}
resources:
  env: {type: environment}
  dns: {type: dns}
  route: {type: route, params: {host: "${resources.dns.host}", port: http}}
  data: {type: postgres, id: main-db}
""",
    "score.company.yaml": "containers: {main: {variables: {OVERRIDDEN: company, LEVEL: company}}}\n",
    "roadbed.yaml": """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: layers, owner: group:default/platform}
workloads: {web: {overrides: [score.company.yaml], properties: {containers.main.variables.ADDED: property}}}
resources: {main-db: {type: postgres}}
jobs: {night: {schedule: "0 3 * * *", command: [python, x.py]}}
environments:
  dev:
    variables: {REGION: eu, DATABASE: "${resources.main-db.name}", LEVEL: layer}
    workloads: {web: {properties: {containers.main.variables.ADDED: dev}}}
""",
}


def seen(platform: LivePlatform) -> dict[str, Any]:
    (application,) = platform.items("apps")
    found: dict[str, Any] = call(application["url"]).json
    return found


def test_what_roadbed_yaml_says_is_what_a_replica_sees(start_platform: StartPlatform, tmp_path: Path) -> None:
    platform = start_platform()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    plan = platform.json("plan", tmp_path)
    assert plan["notes"] == []
    assert {step["type"] for step in plan["steps"] if step["name"] == "night"} == {"runtime:ScheduledJob"}
    platform.roadbed("deploy", tmp_path)

    first = seen(platform)
    told = {
        name: first.get(name) for name in ("LEVEL", "OVERRIDDEN", "ADDED", "KEPT", "REGION", "REGION_OF_ENV", "IN_TEXT")
    }
    assert told == {
        "LEVEL": "layer",
        "OVERRIDDEN": "company",
        "ADDED": "dev",
        "KEPT": "payments",
        "REGION": "eu",
        "REGION_OF_ENV": "eu",
        "IN_TEXT": "<>",
    }
    assert not {"MISSING", "KEY_OF_ENV"} & first.keys()
    assert first["DATABASE"] == first["MAIN_DB_NAME"] == first["MAIN_DB_DATABASE"]
    assert first["MAIN_DB_PASSWORD"]

    platform.roadbed("config", "layers", "set", "LEVEL=operator")
    platform.roadbed("config", "layers", "set", "--secret", "API_KEY=s3cret")
    changed = seen(platform)
    assert (changed["LEVEL"], changed["API_KEY"], changed["KEY_OF_ENV"]) == ("operator", "s3cret", "s3cret")

    explained = platform.json("explain", "layers")
    (container,) = explained["workloads"][0]["containers"]
    places = {each["name"]: (each["layer"], each["place"], each["value"]) for each in container["variables"]}
    assert places["LEVEL"] == ("config", None, "operator")
    assert places["OVERRIDDEN"] == ("score", "score.company.yaml:1", "company")
    assert places["ADDED"] == ("score", "roadbed.yaml:10", "dev")
    assert places["API_KEY"] == ("config", None, None)
    told_of = str(explained)
    assert "s3cret" not in told_of
    assert first["MAIN_DB_PASSWORD"] not in told_of
