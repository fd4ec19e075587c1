"""The catalog on a real database: claims, relations, orphans, filters, permissions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fakes.access import OWNER, Recording, allow, refuse
from roadbed.audit.service import Audit
from roadbed.catalog.domain import Entity
from roadbed.catalog.errors import EntityNotFound, EntityTaken
from roadbed.catalog.provider import CatalogProvider
from roadbed.catalog.reader import read_entity
from roadbed.catalog.service import Catalog
from roadbed.control.events import Events
from roadbed.kit.access import Authorise
from roadbed.kit.clock import SystemClock
from roadbed.kit.errors import Refused, Unauthenticated
from roadbed.providers.driver import Desired
from roadbed.storage.call import Call
from roadbed.storage.database import Database

URN = "orders@dev/component#catalog:Component"


def make(database: Database, authorise: Authorise = allow) -> Catalog:
    clock = SystemClock()
    return Catalog(authorise, Audit(authorise, clock), Events(database), clock)


def entity(kind: str, name: str, **spec: Any) -> Entity:
    return read_entity(
        {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}, "test"
    )


def component(name: str, owner: str = "payments", **spec: Any) -> Entity:
    return entity("Component", name, type="service", lifecycle="production", owner=owner, **spec)


def group(name: str, **spec: Any) -> Entity:
    return entity("Group", name, type="team", children=[], **spec)


@pytest.fixture
def catalog(database: Database) -> Catalog:
    return make(database)


@pytest.fixture
async def call(database: Database) -> AsyncIterator[Call]:
    async with database.call(OWNER) as call:
        yield call


async def relations(catalog: Catalog, call: Call, ref: str) -> set[tuple[str, str, bool]]:
    view = await catalog.entity(call, ref)
    return {(relation.type, relation.target, relation.missing) for relation in view.relations}


async def refs(catalog: Catalog, call: Call, *filters: str) -> list[str]:
    return [str(view.ref) for view in (await catalog.entities(call, filters)).items]


async def test_relations_are_read_from_both_ends_and_dangling_ones_said(catalog: Catalog, call: Call) -> None:
    await catalog.ingest(call, "a.yaml", [component("orders", system="shop"), group("payments")])
    assert await relations(catalog, call, "component:orders") == {
        ("ownedBy", "group:default/payments", False),
        ("partOf", "system:default/shop", True),
    }
    assert await relations(catalog, call, "group:payments") == {("ownerOf", "component:default/orders", False)}


async def test_what_a_source_no_longer_names_is_an_orphan_until_it_comes_back(catalog: Catalog, call: Call) -> None:
    await catalog.ingest(call, "a.yaml", [component("orders"), component("billing")])
    await catalog.ingest(call, "a.yaml", [component("orders")])
    assert (await catalog.entity(call, "component:billing")).orphan
    annotations = (await catalog.entity(call, "component:billing")).to_dict()["metadata"]["annotations"]
    assert annotations == {"backstage.io/orphan": "true"}
    await catalog.ingest(call, "b.yaml", [component("billing")])
    assert not (await catalog.entity(call, "component:billing")).orphan


async def test_one_name_has_one_file(catalog: Catalog, call: Call) -> None:
    await catalog.ingest(call, "a.yaml", [component("orders")])
    with pytest.raises(EntityTaken, match=r"already declared by a\.yaml"):
        await catalog.ingest(call, "b.yaml", [component("Orders")])


async def test_forgetting_a_source_leaves_nothing(catalog: Catalog, call: Call) -> None:
    await catalog.ingest(call, "a.yaml", [component("orders")])
    await catalog.forget(call, "a.yaml")
    with pytest.raises(EntityNotFound):
        await catalog.entity(call, "component:orders")
    assert await refs(catalog, call) == []


async def test_what_runs_stands_in_the_catalog_without_a_file(catalog: Catalog, call: Call) -> None:
    await catalog.upsert_component(call, URN, component("orders"), generated=True)
    view = await catalog.entity(call, "component:orders")
    assert view.to_dict()["status"]["deployments"] == [{"stack": "orders@dev", "environment": "dev", "urn": URN}]
    await catalog.remove_component(call, URN)
    assert await refs(catalog, call) == []


async def test_a_written_descriptor_wins_over_a_generated_one_and_outlives_it(catalog: Catalog, call: Call) -> None:
    await catalog.ingest(call, "a.yaml", [component("orders", owner="platform")])
    await catalog.upsert_component(call, URN, component("orders"), generated=True)
    view = await catalog.entity(call, "component:orders")
    assert (view.document["spec"]["owner"], view.deployments) == ("platform", (URN,))
    await catalog.remove_component(call, URN)
    assert (await catalog.entity(call, "component:orders")).deployments == ()


async def test_what_is_deployed_is_newer_than_the_file_that_was_registered(catalog: Catalog, call: Call) -> None:
    await catalog.ingest(call, "repository:orders/catalog-info.yaml", [component("orders")])
    await catalog.upsert_component(call, URN, component("orders", owner="platform"))
    assert (await catalog.entity(call, "component:orders")).document["spec"]["owner"] == "platform"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], ["component:default/billing", "component:default/orders", "group:default/payments"]),
        (["kind=component,spec.system=shop"], ["component:default/orders"]),
        (["kind=group", "metadata.name=billing"], ["component:default/billing", "group:default/payments"]),
        (["relations.ownedBy=group:default/payments"], ["component:default/billing", "component:default/orders"]),
        (["relations.ownerOf"], ["group:default/payments"]),
        (["metadata.name=orders,metadata.name=billing"], ["component:default/billing", "component:default/orders"]),
        (["spec.system"], ["component:default/orders"]),
        (["spec.nothing"], []),
    ],
)
async def test_filters_find(catalog: Catalog, call: Call, filters: list[str], found: list[str]) -> None:
    await catalog.ingest(call, "a", [component("orders", system="shop"), component("billing"), group("payments")])
    assert await refs(catalog, call, *filters) == found


async def test_the_list_comes_in_pages(catalog: Catalog, call: Call) -> None:
    await catalog.ingest(call, "a", [component(f"c{number}") for number in range(5)])
    first = await catalog.entities(call, limit=3)
    rest = await catalog.entities(call, limit=3, cursor=first.next)
    assert [view.ref.name for view in (*first.items, *rest.items)] == ["c0", "c1", "c2", "c3", "c4"]
    assert rest.next is None


async def test_membership_comes_from_either_side(catalog: Catalog, call: Call) -> None:
    await catalog.ingest(
        call,
        "org.yaml",
        [
            group("payments", members=["bo"]),
            entity("User", "ada", memberOf=["payments", "ghosts"]),
            entity("User", "bo", memberOf=[]),
        ],
    )
    payments = frozenset({"group:default/payments"})
    assert await catalog.groups_of(call) == {"user:default/ada": payments, "user:default/bo": payments}


async def test_a_folder_is_kept_in_step_and_what_cannot_be_read_makes_no_orphan(
    catalog: Catalog, call: Call, tmp_path: Path
) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    head = "apiVersion: backstage.io/v1alpha1\nkind: Group\n"
    (folder / "a.yaml").write_text(f"{head}metadata: {{name: a}}\nspec: {{type: team, children: []}}\n")
    (folder / "b.yaml").write_text(f"{head}metadata: {{name: b}}\nspec: {{type: team, children: []}}\n")
    assert await catalog.sync(call, tmp_path, prefix="platform") == []
    (folder / "a.yaml").unlink()
    (folder / "b.yaml").write_text("kind: [")
    (problem,) = await catalog.sync(call, tmp_path, prefix="platform")
    assert problem.file == "catalog/b.yaml"
    assert await refs(catalog, call, "metadata.annotations.backstage.io/orphan") == []
    assert not (await catalog.entity(call, "group:a")).orphan
    (folder / "b.yaml").unlink()
    await catalog.sync(call, tmp_path, prefix="platform")
    assert (await catalog.entity(call, "group:a")).orphan


async def test_the_provider_keeps_the_runtime_half(database: Database) -> None:
    provider = CatalogProvider(make(database), database)
    wanted = Desired(
        urn=URN, type="catalog:Component", name="orders", stack="orders@dev",
        properties={"entity": component("orders").to_dict()},
    )  # fmt: skip

    async def report(text: str) -> None:
        pytest.fail(text)

    made = await provider.create(wanted, report)
    assert made == await provider.create(wanted, report)
    assert made.outputs == {"ref": "component:default/orders"}
    assert await provider.read(wanted, made.id) == made
    await provider.delete(wanted, made.id, report)
    await provider.delete(wanted, made.id, report)
    assert await provider.read(wanted, made.id) is None


async def test_who_takes_something_over_is_asked_about_both_owners(database: Database, call: Call) -> None:
    authorise = Recording()
    catalog = make(database, authorise)
    await catalog.ingest(call, "a.yaml", [component("orders")])
    authorise.asked.clear()
    await catalog.ingest(call, "a.yaml", [component("orders", owner="platform")])
    assert [action for _, action, _ in authorise.asked].count("catalog.edit") == 2


async def test_nobody_is_refused_everything(database: Database) -> None:
    catalog = make(database)
    async with database.call(None) as call:
        for attempt in (
            catalog.entity(call, "component:orders"),
            catalog.entities(call),
            catalog.groups_of(call),
            catalog.ingest(call, "a", [component("orders")]),
            catalog.upsert_component(call, URN, component("orders")),
        ):
            with pytest.raises(Unauthenticated):
                await attempt


async def test_a_change_is_audited_and_a_refused_one_is_not_made(database: Database, call: Call) -> None:
    with pytest.raises(Refused):
        await make(database, refuse).ingest(call, "a", [component("orders")])
    catalog = make(database)
    await catalog.ingest(call, "a", [component("orders")])
    await catalog.ingest(call, "a", [component("orders")])
    records = await Audit(allow, SystemClock()).list(call, action="catalog.edit")
    assert [record.detail for record in records.items] == [{"entities": ["component:default/orders"]}]


@dataclass
class Ingest:
    database: Database
    name: str

    async def run(self, source: str) -> bool:
        async with self.database.call(OWNER) as call:
            try:
                await make(self.database).ingest(call, source, [component(self.name)])
            except EntityTaken:
                return False
        return True


async def test_of_two_that_declare_the_same_at_once_one_wins(database: Database) -> None:
    import asyncio

    ingest = Ingest(database, "orders")
    assert sorted(await asyncio.gather(*(ingest.run(f"{n}.yaml") for n in range(4)))) == [False, False, False, True]
