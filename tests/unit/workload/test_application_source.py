"""An application put together from the files of its source tree."""

from __future__ import annotations

import pytest

from roadbed.kit.errors import InvalidInput
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

SCORE = "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers: {main: {image: .}}\n"
HEAD = "apiVersion: roadbed.dev/v1\nkind: Application\n"
CATALOG = """\
kind: Group
metadata: {name: payments}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders, description: Takes orders}
spec: {type: service, owner: group:default/payments, system: shop}
"""


def test_a_score_file_alone_is_an_application() -> None:
    source = read_source(from_mapping({"score.yaml": SCORE}))
    assert (source.name, source.owner, list(source.workloads), source.entity) == ("web", None, ["web"], None)


def test_the_catalog_file_gives_what_roadbed_yaml_leaves_out() -> None:
    source = read_source(from_mapping({"score.yaml": SCORE, "catalog-info.yaml": CATALOG}))
    assert (source.name, source.owner, source.system) == ("orders", "group:default/payments", "shop")
    assert source.entity is not None
    assert source.entity["kind"] == "Component"
    application = (
        HEAD + "metadata: {name: shop-orders, owner: team-a}\njobs: {night: {schedule: '@daily', command: [a]}}\n"
    )
    source = read_source(from_mapping({"score.yaml": SCORE, "catalog-info.yaml": CATALOG, "roadbed.yaml": application}))
    assert (source.name, source.owner, source.description) == ("shop-orders", "team-a", "Takes orders")
    assert (source.problems, source.jobs["night"].command) == ((), ("a",))


def test_workloads_are_read_from_where_roadbed_yaml_says() -> None:
    application = HEAD + "metadata: {name: shop}\nworkloads: {web: {score: a/web.yaml}, job: {score: b/job.yaml}}\n"
    files = {
        "roadbed.yaml": application,
        "a/web.yaml": SCORE.replace("{image: .}", "{image: ., files: {/etc/x: {source: conf/x}}}"),
        "a/conf/x": "content",
        "b/job.yaml": SCORE.replace("web", "job"),
    }
    source = read_source(from_mapping(files))
    assert list(source.workloads) == ["web", "job"]
    assert source.workloads["web"].files == {"conf/x": b"content"}
    assert source.workloads["job"].settings is not None


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "there is no Score file in this source tree"),
        ({"roadbed.yaml": HEAD}, "there is no Score file in this source tree"),
        ({"score.yaml": SCORE, "score.yml": SCORE}, None),
        ({"score.yaml": SCORE, "roadbed.yaml": HEAD, "roadbed.yml": HEAD}, "roadbed.yaml and roadbed.yml say the same"),
        ({"roadbed.yaml": HEAD + "workloads: {web: {score: gone.yaml}}"}, "gone.yaml is not in the source tree"),
        ({"roadbed.yaml": HEAD + "workloads: {web: {score: ../x.yaml}}"}, "workloads.web.score has the wrong form"),
        (
            {"score.yaml": SCORE, "roadbed.yaml": HEAD + "workloads: {wob: {score: score.yaml}}"},
            "workloads.wob names score.yaml, whose metadata.name is 'web'",
        ),
        (
            {"score.yaml": SCORE, "roadbed.yaml": HEAD + "workloads: {wob: {}}"},
            "no Score file has the metadata.name 'wob'",
        ),
        ({"score.yaml": SCORE.replace("{image: .}", "{image: ., files: {/x: {source: y}}}")}, "y is not in the source"),
        ({"score.yaml": SCORE, "catalog-info.yaml": "a: ["}, "this is not valid YAML"),
    ],
)
def test_a_wrong_tree_is_refused(files: dict[str, str], message: str | None) -> None:
    if message is None:
        assert read_source(from_mapping(files)).name == "web"
        return
    with pytest.raises(InvalidInput) as caught:
        read_source(from_mapping(files))
    problems = caught.value.problems or (caught.value.problem,)
    assert any(message in problem.message for problem in problems), problems


def test_shared_resources_must_agree() -> None:
    shared = SCORE + "resources: {db: {type: postgres, id: shared, params: {size: %d}}}\n"
    files = {
        "roadbed.yaml": HEAD + "workloads: {web: {score: a.yaml}, job: {score: b.yaml}}\nmetadata: {name: shop}\n",
        "a.yaml": shared % 1,
        "b.yaml": shared.replace("web", "job") % 2,
    }
    with pytest.raises(InvalidInput, match=r"shares the id 'shared' with a\.yaml:4 but has other params"):
        read_source(from_mapping(files))


def test_a_program_alone_is_an_application_without_workloads() -> None:
    application = "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: shared, owner: group:default/team}\n"
    source = read_source(from_mapping({"roadbed.yaml": application, "roadbed.py": "pass\n"}))
    assert (source.name, source.workloads, source.program) == ("shared", {}, True)
    assert not read_source(from_mapping({"score.yaml": SCORE})).program


def test_a_program_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the application has no name"):
        read_source(from_mapping({"roadbed.py": "pass\n"}))


def test_what_another_environment_lays_over_a_score_file_is_checked() -> None:
    """Whichever environment is deployed to, and once."""
    layer = "environments:\n  prod:\n    workloads:\n      web:\n        {}\n"
    for said, line, message in (
        ("overrides: [nope.yaml]", 7, "nope.yaml is not in the source tree"),
        ("properties: {containers.main.imgae: x}", 7, "containers.main.imgae is not a known field"),
        ("score: nope.yaml", 7, "nope.yaml is not in the source tree"),
    ):
        files = {"score.yaml": SCORE, "roadbed.yaml": HEAD + layer.format(said)}
        for environment in (None, "dev", "prod"):
            with pytest.raises(InvalidInput) as caught:
                read_source(from_mapping(files), environment)
            assert (caught.value.problem.line, caught.value.message) == (line, message) or (
                said.startswith("score") and message in caught.value.message
            )
    fine = layer.format("properties: {containers.main.variables.A: x}")
    assert read_source(from_mapping({"score.yaml": SCORE, "roadbed.yaml": HEAD + fine}), "dev").workloads
