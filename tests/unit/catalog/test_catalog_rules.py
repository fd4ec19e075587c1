"""References, relations and filters: the pure rules of the catalog."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.catalog.domain import Entity, owner_of
from roadbed.catalog.filters import Condition, parse_filters, terms_of
from roadbed.catalog.references import EntityRef
from roadbed.catalog.relations import FIELDS, relations_of
from roadbed.kit.errors import InvalidInput


def entity(kind: str, **spec: Any) -> Entity:
    return Entity("backstage.io/v1alpha1", kind, {"name": "It", "namespace": "shop"}, spec)


@pytest.mark.parametrize(
    ("text", "kind", "namespace", "means"),
    [
        ("orders", "component", "default", "component:default/orders"),
        ("group:payments", None, "default", "group:default/payments"),
        ("Group:Team/Payments", None, "default", "group:team/payments"),
        ("shop/orders", "component", "default", "component:shop/orders"),
        ("orders", "component", "shop", "component:shop/orders"),
    ],
)
def test_references(text: str, kind: str | None, namespace: str, means: str) -> None:
    assert str(EntityRef.parse(text, default_kind=kind, default_namespace=namespace)) == means


@pytest.mark.parametrize(
    "text", ["orders", "", ":", "a:b:c", "a/b/c", "group:", "group:x/", "group:/x", "1x:y", "group:a b"]
)
def test_no_references(text: str) -> None:
    with pytest.raises(InvalidInput):
        EntityRef.parse(text)


@given(st.text(max_size=40))
def test_a_reference_reads_back_as_itself(text: str) -> None:
    try:
        ref = EntityRef.parse(text, default_kind="component")
    except InvalidInput:
        return
    assert EntityRef.parse(str(ref)) == ref


@pytest.mark.parametrize(
    ("kind", "field", "value", "forward", "target", "backward"),
    [
        ("Component", "owner", "pay", "ownedBy", "group:shop/pay", "ownerOf"),
        ("Component", "owner", "user:default/ada", "ownedBy", "user:default/ada", "ownerOf"),
        ("Component", "system", "web", "partOf", "system:shop/web", "hasPart"),
        ("Component", "subcomponentOf", "a", "partOf", "component:shop/a", "hasPart"),
        ("Component", "providesApis", ["a"], "providesApi", "api:shop/a", "apiProvidedBy"),
        ("Component", "consumesApis", ["a"], "consumesApi", "api:shop/a", "apiConsumedBy"),
        ("Component", "dependsOn", ["resource:db"], "dependsOn", "resource:shop/db", "dependencyOf"),
        ("Resource", "dependencyOf", ["component:a"], "dependencyOf", "component:shop/a", "dependsOn"),
        ("System", "domain", "sales", "partOf", "domain:shop/sales", "hasPart"),
        ("Domain", "subdomainOf", "all", "partOf", "domain:shop/all", "hasPart"),
        ("Group", "parent", "all", "childOf", "group:shop/all", "parentOf"),
        ("Group", "children", ["a"], "parentOf", "group:shop/a", "childOf"),
        ("Group", "members", ["ada"], "hasMember", "user:shop/ada", "memberOf"),
        ("User", "memberOf", ["pay"], "memberOf", "group:shop/pay", "hasMember"),
    ],
)
def test_a_relation_is_known_from_both_ends(
    kind: str, field: str, value: Any, forward: str, target: str, backward: str
) -> None:
    it = entity(kind, **{field: value})
    found = {(str(relation.source), relation.type, str(relation.target)) for relation in relations_of(it)}
    assert found == {(str(it.ref), forward, target), (target, backward, str(it.ref))}


def test_the_other_end_of_the_other_end_is_the_relation_itself() -> None:
    pairs = {(field.forward, field.backward) for fields in FIELDS.values() for field in fields}
    ends = dict(pairs) | {backward: forward for forward, backward in pairs}
    assert all(ends[ends[name]] == name for name in ends)


@pytest.mark.parametrize(
    ("value", "owner"),
    [("payments", "group:default/payments"), ("user:ada", "user:default/ada"), (None, None), ("", None), ({}, None)],
)
def test_owners(value: object, owner: str | None) -> None:
    assert owner_of(value) == owner


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("kind=Component", [Condition("kind", ("component",))]),
        ("kind=component,spec.type", [Condition("kind", ("component",)), Condition("spec.type")]),
        ("kind=a,kind=b", [Condition("kind", ("a", "b"))]),
        ("a=b=c", [Condition("a", ("b=c",))]),
    ],
)
def test_filters(text: str, conditions: list[Condition]) -> None:
    assert parse_filters([text]) == [conditions]


@pytest.mark.parametrize("text", ["=a", ",", "a,,b", "a\0"])
def test_wrong_filters(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_filters([text])


def test_what_filters_find() -> None:
    terms = terms_of(
        {"kind": "API", "spec": {"Tags": ["Java"], "on": True, "long": "x" * 201, "none": None, "deep": [{"a": 1}]}}
    )
    assert terms == {
        ("kind", "api"),
        ("spec.tags", "java"),
        ("spec.tags.java", "true"),
        ("spec.on", "true"),
        ("spec.long", None),
        ("spec.none", None),
        ("spec.deep.a", "1"),
    }
