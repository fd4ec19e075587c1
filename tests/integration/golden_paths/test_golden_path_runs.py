"""Running golden paths: what is made, and that nothing is when something fails."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from fakes.access import OWNER
from golden_paths_kit import Scene, make_scene
from roadbed.catalog.errors import EntityTaken
from roadbed.golden_paths.errors import NameTaken, SourceNotFound, TemplateNotFound
from roadbed.golden_paths.repositories import Repositories
from roadbed.kit.errors import InvalidInput, NotFound, OperationFailed, RoadbedError, Unauthenticated
from roadbed.storage.database import Database
from waiting import until

HEAD = """
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: %s}
spec:
  type: service
  owner: platform
  parameters: {properties: {name: {type: string, default: orders}}}
"""


def clone(bundle: Path, folder: Path) -> set[str]:
    """The files that a newcomer gets."""
    subprocess.run(["git", "clone", "-q", bundle, folder], check=True)
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in files}


async def test_the_python_api_is_made_published_registered_and_deployed(scene: Scene, tmp_path: Path) -> None:
    operation = await scene.run("python-api", name="orders", owner="payments", resource="order")
    assert operation.error is None
    assert operation.result is not None
    assert operation.result["url"] == "http://orders.dev.localhost:8000"
    assert operation.result["entityRef"] == "component:default/orders"
    assert [link["title"] for link in operation.result["links"]] == [
        "Open orders",
        "Show it in the catalog",
        "Its source",
    ]
    assert (operation.target, operation.owner) == ("orders", "group:default/payments")
    assert {step.state for step in operation.steps} == {"succeeded"}
    assert await scene.entities("relations.ownedBy=group:default/payments") == ["component:default/orders"]
    (source,) = scene.delivery.sources
    assert "app/api/orders.py" in source
    assert scene.workspaces() == []
    async with scene.control.database.call(OWNER) as call:
        (tmp_path / "orders.bundle").write_bytes(await scene.paths.bundle(call, "orders"))
    assert clone(tmp_path / "orders.bundle", tmp_path / "orders") == set(source)


async def test_the_progress_and_log_of_the_deployment_are_passed_on(scene: Scene) -> None:
    operation = await scene.run("python-api", name="orders", owner="payments")
    deploy = next(step for step in operation.steps if step.name == "deploy")
    assert (deploy.done, deploy.total) == (2, 2)
    titles = [step.title for step in operation.steps]
    assert titles[-2:] == ["Queue the deployment", deploy.title]
    log = await scene.control.log(operation.id)
    assert "apply goes on" in log
    assert "app/main.py" in log


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"owner": "payments"}, "name is missing"),
        ({"name": "Orders!", "owner": "payments"}, "name: 'Orders!' has the wrong form"),
        ({"name": "orders", "owner": "nobody"}, "owner: group:default/nobody is not in the catalog"),
        ({"name": "orders", "owner": "component:x"}, "owner: component:default/x is a component"),
        ({"name": "orders", "owner": "payments", "resource": "connection"}, "resource: 'connection' is not possible"),
        ({"name": "orders", "owner": "payments", "environment": "mars"}, "no environment 'mars'"),
    ],
)
async def test_wrong_parameters_are_refused_before_anything_is_made(
    scene: Scene, parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises((InvalidInput, NotFound), match=said) as caught:
        await scene.begin("python-api", **parameters)
    assert isinstance(caught.value, RoadbedError)
    assert caught.value.hint
    assert scene.repositories() == []


async def test_a_name_is_taken_once_and_the_first_is_not_touched(scene: Scene) -> None:
    await scene.run("python-api", name="orders", owner="payments")
    with pytest.raises(NameTaken):
        await scene.begin("python-api", name="orders", owner="platform")
    assert scene.repositories() == ["orders.git"]


async def test_the_name_of_a_destroyed_application_is_free_and_its_repository_is_kept(scene: Scene) -> None:
    await scene.run("python-api", name="orders", owner="payments")
    scene.delivery.deployed.clear()
    again = await scene.run("python-api", name="orders", owner="payments")
    assert again.state == "succeeded"
    assert scene.repositories() == [f"orders-{again.id}.git", "orders.git"]
    assert await scene.entities("kind=component") == ["component:default/orders"]


async def test_a_run_that_fails_puts_back_the_repository_that_it_set_aside(scene: Scene) -> None:
    first = await scene.run("python-api", name="orders", owner="payments")
    scene.delivery.deployed.clear()
    scene.delivery.failure = OperationFailed("2 of 2 replicas never became ready")
    assert (await scene.run("python-api", name="orders", owner="payments")).state == "failed"
    assert scene.repositories() == ["orders.git"]
    made_by = (scene.home / "repositories/orders.git/config").read_text()
    assert f"run = {first.id}" in made_by


async def test_a_name_that_the_catalog_knows_is_taken(scene: Scene) -> None:
    scene.add_template(
        "known",
        HEAD % "known" + "  steps: [{action: 'publish:git', input: {name: '${{ parameters.name }}'}}]\n",
    )
    (scene.root / "catalog/x.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: orders}\n"
        "spec: {type: service, lifecycle: production, owner: payments}\n"
    )
    await scene.sync_catalog()
    with pytest.raises(EntityTaken, match="is in the catalog already"):
        await scene.begin("known")


async def test_of_two_runs_for_one_name_one_fails_and_takes_nothing_from_the_other(scene: Scene) -> None:
    first = await scene.begin("python-api", name="orders", owner="payments")
    second = await scene.begin("python-api", name="orders", owner="payments")
    assert (await scene.control.ended(first.id)).state == "succeeded"
    ended = await scene.control.ended(second.id)
    assert ended.state == "failed"
    assert ended.error is not None
    assert ended.error["code"] == "name_taken"
    assert scene.repositories() == ["orders.git"]
    assert await scene.entities("kind=component") == ["component:default/orders"]


async def test_a_failed_deployment_takes_back_what_was_made_and_says_why(scene: Scene) -> None:
    scene.delivery.failure = OperationFailed("2 of 2 replicas never became ready", hint="look at their last lines")
    operation = await scene.run("python-api", name="orders", owner="payments")
    assert operation.state == "failed"
    assert operation.error is not None
    assert operation.error["detail"] == "2 of 2 replicas never became ready"
    assert operation.error["hint"] == "look at their last lines"
    assert (scene.repositories(), scene.workspaces()) == ([], [])
    assert await scene.entities("kind=component") == []
    scene.delivery.failure = None
    assert (await scene.run("python-api", name="orders", owner="payments")).state == "succeeded"


async def test_a_deployment_that_waits_for_approval_holds_no_run(scene: Scene) -> None:
    """What was made stays: once approved, the deployment goes on by itself."""
    scene.delivery.awaited = "2 operators (environment prod)"
    operation = await scene.run("python-api", name="orders", owner="payments")
    assert (operation.state, scene.repositories(), scene.workspaces()) == ("succeeded", ["orders.git"], [])
    assert operation.result is not None
    assert (operation.result["application"], operation.result["url"], operation.result["release"]) == (
        "orders",
        None,
        None,
    )
    assert "it waits: 2 operators (environment prod); see: roadbed approval list" in await scene.control.log(
        operation.id
    )


async def test_what_is_deployed_stays_when_a_later_step_fails(scene: Scene) -> None:
    steps = """
  steps:
    - {id: p, action: 'publish:git', input: {name: '${{ parameters.name }}'}}
    - {id: d, action: 'roadbed:deploy', input: {application: '${{ parameters.name }}', environment: dev}}
    - {id: l, action: 'debug:log', input: {message: '${{ steps.d.output.url / 2 }}'}}
"""
    scene.add_template("late", HEAD % "late" + steps)
    assert (await scene.run("late")).state == "failed"
    assert scene.repositories() == ["orders.git"]


async def test_conditions_loops_and_outputs(scene: Scene) -> None:
    steps = """
  steps:
    - {id: fetch, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}
    - {id: never, if: '${{ parameters.gone }}', action: 'debug:log', input: {message: never}}
    - {id: each, each: [a, b], action: 'debug:log', input: {message: 'item ${{ each.key }}=${{ each.value }}'}}
    - {id: rename, action: 'fs:rename', input: {files: [{from: a, to: 'b/${{ parameters.name }}'}]}}
    - {id: list, action: 'fs:readdir', input: {paths: [b]}}
  output:
    links: [{if: false, url: hidden}, {title: Shown, url: x}]
    files: ${{ steps.list.output.files }}
    who: ${{ user.ref }}
    task: ${{ context.task.id }}
"""
    scene.add_template("many", HEAD % "many" + steps, a="${{ values.name }}")
    operation = await scene.run("many")
    assert operation.result == {
        "links": [{"title": "Shown", "url": "x"}],
        "files": [{"name": "orders", "path": "b/orders"}],
        "who": "user:default/olga",
        "task": operation.id,
    }
    log = await scene.control.log(operation.id)
    assert [line for line in log if line.startswith("item")] == ["item 0=a", "item 1=b"]
    assert "never" not in log


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("action: 'fetch:plain', input: {url: ../../../etc}", "leaves the platform repo"),
        ("action: 'fetch:plain', input: {url: 'https://example.com/x'}", "is not in the platform repo"),
        ("action: 'fetch:plain', input: {url: ./gone}", "has no folder"),
        ("action: 'fetch:plain', input: {url: ./skeleton, targetPath: ../x}", "leaves its folder"),
        ("action: 'fs:delete', input: {files: ['../../x']}", "leaves its folder"),
        ("action: 'fs:delete', input: {files: ['.']}", "cannot be deleted"),
        ("action: 'fs:rename', input: {files: [{from: nothing, to: b}]}", "no file 'nothing'"),
        ("action: 'fs:rename', input: {}", "'files' is a required property"),
        ("action: 'catalog:register', input: {repoContentsUrl: 'https://x'}", "is no repository of this platform"),
        ("action: 'catalog:fetch', input: {entityRef: 'group:gone'}", "is not in the catalog"),
        ("action: 'catalog:write', input: {entity: {}}", "problems"),
    ],
)
async def test_a_step_that_cannot_be_done_fails_the_run_with_its_reason(scene: Scene, step: str, said: str) -> None:
    published = "{id: p, action: 'publish:git', input: {name: orders}}"
    scene.add_template("bad", HEAD % "bad" + f"  steps:\n    - {published}\n    - {{{step}}}\n")
    operation = await scene.run("bad")
    assert operation.state == "failed"
    assert operation.error is not None
    assert said in operation.error["detail"]
    assert (scene.repositories(), scene.workspaces()) == ([], [])


async def test_a_cancelled_run_takes_back_what_it_made(scene: Scene) -> None:
    published = "{id: p, action: 'publish:git', input: {name: orders}}"
    steps = f"  steps: [{published}, {{action: 'debug:wait', input: {{minutes: 9}}}}]\n"
    scene.add_template("long", HEAD % "long" + steps)
    operation = await scene.begin("long")
    await until(lambda: scene.reached(operation.id, "step-2"), what="the step that waits")
    await scene.control.cancel(operation.id)
    assert (await scene.control.ended(operation.id)).state == "cancelled"
    assert scene.repositories() == []


async def test_a_dry_run_shows_everything_and_makes_nothing(scene: Scene) -> None:
    found = await scene.rehearse("python-api", name="orders", owner="payments", resource="order")
    assert "class Order(" in (found.files["app/api/orders.py"] or "")
    assert found.output["url"] == "<example>"
    assert [step.id for step in found.steps] == ["source", "publish", "register", "deploy"]
    assert scene.repositories() == []
    assert await scene.entities("kind=component") == []


async def test_templates_are_listed_and_found(scene: Scene) -> None:
    scene.add_template("broken", "kind: [")
    async with scene.control.database.call(OWNER) as call:
        names = {template.name for template in await scene.paths.templates(call)}
        assert ("python-api" in names, "broken" in names) == (True, False)
        with pytest.raises(InvalidInput, match="not valid YAML"):
            await scene.paths.template(call, "broken")
        with pytest.raises(TemplateNotFound) as caught:
            await scene.paths.template(call, "pyhton-api")
        assert caught.value.hint == "did you mean 'python-api'?"
        with pytest.raises(SourceNotFound):
            await scene.paths.bundle(call, "orders")


async def test_nobody_is_refused_everything(scene: Scene) -> None:
    async with scene.control.database.call(None) as call:
        for attempt in (
            scene.paths.templates(call),
            scene.paths.template(call, "python-api"),
            scene.paths.run(call, "python-api", {}),
            scene.paths.dry_run(call, "python-api", {}),
            scene.paths.bundle(call, "orders"),
        ):
            with pytest.raises(Unauthenticated):
                await attempt


async def test_a_repository_is_made_whole_by_one_run_and_removed_by_no_other(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    repositories = Repositories(home / "repositories")
    commit = await repositories.publish("orders", tmp_path, message="m", mark="op_1")
    assert await repositories.publish("orders", tmp_path, message="m", mark="op_1") == commit
    with pytest.raises(NameTaken):
        await repositories.publish("orders", tmp_path, message="m", mark="op_2")
    await repositories.remove("orders", mark="op_2")
    assert await repositories.head("orders") == commit
    assert [path.name for path in (home / "repositories").iterdir()] == ["orders.git"]
    with pytest.raises(InvalidInput):
        repositories.exists("../x")


async def test_a_run_whose_worker_stopped_goes_on_where_it_was(database: Database, home: Path) -> None:
    first = make_scene(database, home)
    steps = """
  steps:
    - {id: f, action: 'fetch:template', input: {url: ./skeleton}}
    - {id: p, action: 'publish:git', input: {name: orders}}
    - {id: w, action: 'debug:wait', input: {seconds: '${{ 600 }}'}}
    - {id: d, action: 'roadbed:deploy', input: {application: orders, environment: dev}}
"""
    first.add_template("wait", HEAD % "wait" + steps, a="x")
    await first.start()
    operation = await first.begin("wait")
    await until(lambda: first.reached(operation.id, "w"), what="the step that waits")
    await first.stop()
    second = make_scene(database, home)
    await second.start()
    try:
        await until(lambda: second.reached(operation.id, "w"), what="the step that waits, again")
        assert second.repositories() == ["orders.git"]
        await second.control.cancel(operation.id)
        assert (await second.control.ended(operation.id)).state == "cancelled"
        assert second.repositories() == []
    finally:
        await second.stop()
