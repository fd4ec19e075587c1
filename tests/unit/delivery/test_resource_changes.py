"""What people do to an application's resources: what is declared then, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.delivery.resource_changes import ResourceChange, changed
from roadbed.kit.errors import Conflict, InvalidInput, NotFound, RoadbedError
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

OWN = """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: shop}
workloads: {web: {score: web.yaml}, worker: {score: worker.yaml}}
resources:
  db: {type: postgres}
  cache: {type: redis, workloads: [web]}
"""
SCORE = """\
apiVersion: score.dev/v1b1
metadata: {{name: {}}}
containers: {{main: {{image: .}}}}
resources: {{files: {{type: s3}}}}
"""
SHOP = read_source(
    from_mapping({"roadbed.yaml": OWN, "web.yaml": SCORE.format("web"), "worker.yaml": SCORE.format("worker")})
)


def add(**asked: Any) -> ResourceChange:
    return ResourceChange("add", **asked)


def to(action: Any, name: str, *workloads: str) -> ResourceChange:
    return ResourceChange(action, name, workloads or None)


@pytest.mark.parametrize(
    ("change", "name", "declared"),
    [
        (add(type="nats"), "nats", {"type": "nats"}),
        (add(type="s3", name="out", params={"versioned": True}), "out", {"type": "s3", "params": {"versioned": True}}),
        (
            add(type="postgres", name="more", resource_class="large", workloads=("web",), prefix="MORE"),
            "more",
            {"type": "postgres", "class": "large", "workloads": ["web"], "prefix": "MORE"},
        ),
        (to("remove", "db"), "db", None),
        (to("attach", "cache", "worker"), "cache", {"type": "redis"}),
        (to("attach", "cache"), "cache", {"type": "redis"}),
        (to("detach", "db", "web"), "db", {"type": "postgres", "workloads": ["worker"]}),
        (to("detach", "db"), "db", {"type": "postgres", "workloads": []}),
    ],
)
def test_a_change_says_what_is_declared_then(
    change: ResourceChange, name: str, declared: dict[str, Any] | None
) -> None:
    assert change.resource == name
    assert changed(change, SHOP) == declared


@pytest.mark.parametrize(
    ("change", "error", "message", "hint"),
    [
        (
            add(type="postgres"),
            Conflict,
            "shop has a resource 'db' already: roadbed.yaml:6",
            "choose another name for it",
        ),
        (add(type="s3", name="files"), Conflict, "shop has a resource 'files' already: web.yaml:4", "another name"),
        (add(type="s3", name="Files"), InvalidInput, "the resource 'Files' is not a valid name", "2 to 63 lower-case"),
        (
            add(type="s3", name="out", prefix="out"),
            InvalidInput,
            "resources.out.prefix has the wrong form: 'out'",
            "capitals",
        ),
        (add(type="s3", workloads=("wep",)), NotFound, "shop has no workload 'wep'", "did you mean 'web'?"),
        (to("remove", "chache"), NotFound, "shop has no resource 'chache'", "did you mean 'cache'?"),
        (
            to("remove", "files"),
            InvalidInput,
            "files is declared by a workload's own file: web.yaml:4",
            "change it there",
        ),
        (
            to("resize", "web.files"),
            InvalidInput,
            "web.files is declared by a workload's own file: web.yaml:4",
            "change it there",
        ),
        (to("attach", "db"), Conflict, "db is attached to web, worker already", None),
        (to("detach", "cache", "worker"), Conflict, "cache is detached from worker already", None),
    ],
)
def test_a_change_that_can_not_be_is_refused(
    change: ResourceChange, error: type[RoadbedError], message: str, hint: str | None
) -> None:
    with pytest.raises(error) as caught:
        changed(change, SHOP)
    assert caught.value.message == message
    assert (hint or "") in (caught.value.hint or "")


def test_a_change_is_told_in_a_few_words() -> None:
    assert add(type="postgres").said == "Add db (postgres)"
    assert to("detach", "db", "web").said == "Detach db from web"
    assert to("attach", "db").said == "Attach db to all workloads"


def test_what_the_code_was_understood_to_need_is_taken_away_by_its_name() -> None:
    assert changed(to("remove", "files"), SHOP, needs=("files",)) is None


def test_one_that_a_workload_asks_for_too_is_not_said_to_be_gone() -> None:
    both = f"{OWN}  files: {{type: s3}}\n"
    texts = {"roadbed.yaml": both, "web.yaml": SCORE.format("web"), "worker.yaml": SCORE.format("worker")}
    with pytest.raises(InvalidInput, match="files is asked for by a workload's own file, too: web"):
        changed(to("remove", "files"), read_source(from_mapping(texts)))
