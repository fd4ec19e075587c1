"""Containers, files, volumes, ports and limits of a Score file as the runtime's properties."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from roadbed.delivery.compiler import assemble
from roadbed.delivery.domain import Settings
from roadbed.delivery.recorded import recorded_only
from roadbed.delivery.surroundings import Surroundings
from roadbed.engine.planning import graph as graphs
from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import StackName
from roadbed.runtimes.spec import workload_of
from roadbed.workload.source import read_source

SCORE = """\
apiVersion: score.dev/v1b1
metadata: {name: web}
service: {ports: {stats: {port: 81, protocol: UDP}, http: {port: 80, targetPort: 8080}, admin: {port: 90}}}
containers:
  migrate:
    image: .
    args: [migrate]
    before: {app: {ready: complete}}
  app:
    image: .
    command: [serve]
    args: ["$PORT"]
    files:
      /etc/a: {content: "host=${resources.db.host} $${x}", mode: "0600"}
      /etc/raw: {content: "${x}", noExpand: true}
      /etc/bin: {binaryContent: AAE=}
      /one/conf: {source: one/conf}
      /two/conf: {source: two/conf}
      /logo: {source: logo}
      /port: {content: "${resources.db.port}"}
    volumes:
      /data: {source: "${resources.data}"}
      /within: {source: "${resources.data}", path: a/b, readOnly: true}
    resources: {limits: {cpu: 250m, memory: 64Mi}, requests: {cpu: "0.1"}}
  cache:
    image: .
    readinessProbe: {exec: {command: ["true"]}}
    before: {app: {ready: healthy}}
resources:
  db: {type: postgres}
  data: {type: volume}
"""
ROADBED = """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: orders, owner: group:default/payments}
workloads: {web: {score: score.yaml, release: [schema]}}
"""
FILES = {"one/conf": b"one of ${metadata.name}", "two/conf": b"two $$5", "logo": b"\xff${metadata.name}"}
DATABASE, VOLUME = "orders@dev/web/db#postgres:Database", "orders@dev/web/data#runtime:Volume"
SOURCE = {"$ref": [VOLUME, "source"]}
ANSWER: dict[str, Any] = {
    "graph": {
        "resources": [
            {"urn": urn, "type": urn.partition("#")[2], "name": "x", "properties": {}, "depends_on": []}
            for urn in (DATABASE, VOLUME)
        ]
    },
    "outputs": {
        "postgres.default#web.db": {name: {"$ref": [DATABASE, name]} for name in ("host", "port")},
        "volume.default#web.data": {"source": SOURCE},
    },
}


def compiled(score: str = SCORE, **files: bytes) -> dict[str, Any]:
    tree = {"score.yaml": score.encode(), "roadbed.yaml": ROADBED.encode(), **FILES, **files}
    source = read_source(lambda names: {name: tree[name] for name in names if name in tree})
    around = Surroundings(StackName("orders", "dev"), "development", "group:default/payments", "a" * 64, Settings())
    document = assemble(source, ANSWER, around)
    graphs.read(document)
    return {resource["type"]: resource["properties"] for resource in document["resources"]}


def test_the_first_that_lasts_is_the_main_one_and_the_others_stand_beside_it() -> None:
    service = compiled()["runtime:Service"]
    assert (service["container"], service["command"]) == ("app", ["serve", "$PORT"])
    assert service["after"] == {"migrate": "complete", "cache": "healthy"}
    assert service["containers"].keys() == {"migrate", "cache"}
    assert service["containers"]["migrate"].keys() == {"command", "variables"}
    assert service["containers"]["cache"]["readiness"] == {"exec": {"command": ["true"]}}


def test_files() -> None:
    files = compiled()["runtime:Service"]["files"]
    assert files == {
        "/etc/a": {"content": {"$join": ["host=", {"$ref": [DATABASE, "host"]}, " ", "${x}"]}, "mode": "0600"},
        "/etc/raw": {"content": "${x}"},
        "/etc/bin": {"binary": "AAE="},
        "/one/conf": {"content": "one of web"},
        "/two/conf": {"content": "two $5"},
        "/logo": {"binary": base64.b64encode(FILES["logo"]).decode()},
        "/port": {"content": {"$join": [{"$ref": [DATABASE, "port"]}]}},
    }


def test_what_files_are_put_together_from_is_masked_where_it_is_secret() -> None:
    assert compiled()["runtime:Service"]["masked"] == [{"$ref": [DATABASE, "host"]}, {"$ref": [DATABASE, "port"]}]


def test_a_volumes_source_is_the_resources_output() -> None:
    assert compiled()["runtime:Service"]["volumes"] == {
        "/data": {"source": SOURCE},
        "/within": {"source": SOURCE, "path": "a/b", "read_only": True},
    }


def test_the_release_command_finds_what_the_main_container_finds() -> None:
    found = compiled()
    job, service = found["runtime:Job"], found["runtime:Service"]
    assert {name: job[name] for name in ("files", "masked", "volumes", "variables")} == {
        name: service[name] for name in ("files", "masked", "volumes", "variables")
    }


def test_ports_and_limits() -> None:
    service = compiled()["runtime:Service"]
    assert service["ports"] == {
        "stats": {"port": 81, "target_port": 81, "protocol": "UDP"},
        "http": {"port": 80, "target_port": 8080},
        "admin": {"port": 90, "target_port": 90},
    }
    assert service["port"] == "http"
    assert (service["memory_mb"], service["cpu_millis"], service["requests"]) == (64, 250, {"cpu_millis": 100})


def test_a_workload_of_one_container_and_port_says_no_more_than_it_must() -> None:
    service = compiled(
        "apiVersion: score.dev/v1b1\nmetadata: {name: web}\nservice: {ports: {http: {port: 80}}}\n"
        "containers: {main: {image: .}}\nresources: {db: {type: postgres}, data: {type: volume}}\n"
    )["runtime:Service"]
    assert service.keys() == {"workload", "artifact", "variables", "ports", "replicas"}


@pytest.mark.parametrize(
    ("right", "wrong", "message", "line"),
    [
        (
            '/data: {source: "${resources.data}"}',
            "/data: {source: data}",
            "is not a resource of this workload: 'data'",
            22,
        ),
        ('/data: {source: "${resources.data}"}', '/data: {source: "${resources.db}"}', "no output 'source'", 22),
        ('/data: {source: "${resources.data}"}', '/data: {source: "${resources.dat}"}', "'dat'", 22),
        ("path: a/b", "path: ../b", "leads out of the volume", 23),
        ("/etc/bin:", "etc/../bin:", "etc/../bin is not a path within the container", 16),
        ("/one/conf:", "/proc/conf:", "which is the kernel's", 17),
        ("/one/conf:", "/data/conf:", "is to stand within the volume at /data", 17),
        ("/within:", "/data/within:", "is to stand within the volume at /data", 23),
        ('"${x}", noExpand: true', '"${x}"', "refers to 'x'", 15),
        ("image: .\n    readiness", "image: redis\n    readiness", "the image 'redis' can't be run", 26),
    ],
)
def test_what_is_refused_says_where(right: str, wrong: str, message: str, line: int) -> None:
    assert right in SCORE
    with pytest.raises(InvalidInput) as refused:
        compiled(SCORE.replace(right, wrong))
    problem = (refused.value.problems or (refused.value.problem,))[0]
    assert message in problem.message
    assert (problem.file, problem.line) == ("score.yaml", line)


def test_a_relative_target_is_where_the_artifact_lies() -> None:
    found = compiled(SCORE.replace("/etc/bin:", "conf/./bin:").replace("/within:", "cache:"))["runtime:Service"]
    assert found["files"]["/app/conf/bin"] == {"binary": "AAE="}
    assert found["volumes"]["/app/cache"]["path"] == "a/b"
    workload_of(
        {**found, "variables": {}, "files": {"/app/conf/bin": {"binary": "AAE="}}, "artifact": "a"}, frozenset()
    )


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"the file /logo has 1\.1 MB; one may have 1"):
        compiled(logo=b"x" * 1_150_000)


def test_what_is_only_recorded_here_is_said() -> None:
    tree = {"score.yaml": SCORE.encode(), "roadbed.yaml": ROADBED.encode(), **FILES}
    source = read_source(lambda names: {name: tree[name] for name in names if name in tree})
    port = "the port stats of web is UDP, which the gateway does not route"
    limit = "the cpu limit of app in web is not enforced here: control groups can't be written"
    requests = "resources.requests of app in web is not in force here: nothing is set aside for it"
    assert [(each.message, each.line) for each in recorded_only(source, cpu_limits=True)] == [(port, 3), (requests, 10)]
    assert [each.message for each in recorded_only(source, cpu_limits=False)] == [port, requests, limit]
