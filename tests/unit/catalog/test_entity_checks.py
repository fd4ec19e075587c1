"""The facts of Backstage's descriptor format, one row each."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from roadbed.catalog.reader import read_entities, read_entity
from roadbed.kit.errors import InvalidInput

COMPONENT = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {"name": "orders"},
    "spec": {"type": "service", "lifecycle": "production", "owner": "payments"},
}
SPECS: dict[str, dict[str, Any]] = {
    "Component": COMPONENT["spec"],  # type: ignore[dict-item]  # the literal above is a union to mypy
    "API": {"type": "openapi", "lifecycle": "production", "owner": "payments", "definition": "openapi: 3.1.0"},
    "Resource": {"type": "database", "owner": "payments"},
    "System": {"owner": "payments"},
    "Domain": {"owner": "payments"},
    "Group": {"type": "team", "children": []},
    "User": {"memberOf": []},
    "Location": {},
    "Template": {"type": "service", "steps": []},
}


def descriptor(**changes: Any) -> dict[str, Any]:
    """COMPONENT with changes by dotted path (`metadata__name`); None removes."""
    found: dict[str, Any] = {key: dict(value) if isinstance(value, dict) else value for key, value in COMPONENT.items()}
    for path, value in changes.items():
        at, (*parents, last) = found, path.split("__")
        for parent in parents:
            at = at.setdefault(parent, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"apiVersion": "backstage.io/v1beta1"},
        {"metadata__name": "a--b"},
        {"metadata__name": "a._b"},
        {"metadata__name": "a" * 63},
        {"metadata__namespace": "team-a"},
        {"metadata__tags": ["c++:17", "java", "c#"]},
        {"metadata__anything": {"goes": 1}},
        {"spec__anything": [1]},
        {"relations": []},
        {"status": {}},
        {"metadata__labels": {"example.com/tier": "", "tier": "Gold.1"}},
        {"metadata__annotations": {"example.com/path": "any: thing /\\ at all"}},
        {"metadata__links": [{"url": "mailto:a@b.c", "title": "Mail", "icon": "mail", "type": "x"}]},
        {"spec__dependsOn": ["resource:db"]},
        {"spec__system": "shop"},
    ],
)
def test_accepted(changes: dict[str, Any]) -> None:
    read_entity(descriptor(**changes), "here")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"extra": 1}, "extra is not a known field"),
        ({"apiVersion": "v1"}, "apiVersion must be"),
        ({"kind": "component"}, "kind must be"),
        ({"kind": "Gadget"}, "kind must be"),
        ({"metadata__name": None}, "metadata.name is missing"),
        ({"metadata__name": "a-"}, "metadata.name has the wrong form"),
        ({"metadata__name": "_a"}, "metadata.name has the wrong form"),
        ({"metadata__name": "a" * 64}, "metadata.name has the wrong form"),
        ({"metadata__namespace": "Team"}, "metadata.namespace has the wrong form"),
        ({"metadata__tags": ["Java"]}, "metadata.tags[0] has the wrong form"),
        ({"metadata__tags": ["v1.0"]}, "metadata.tags[0] has the wrong form"),
        ({"metadata__labels": {"tier": 1}}, "metadata.labels.tier must be text"),
        ({"metadata__labels": {"tier": "a b"}}, "metadata.labels.tier has the wrong form"),
        ({"metadata__labels": {"Example.com/tier": "a"}}, "a key that is not allowed"),
        ({"metadata__annotations": {"a": 1}}, "metadata.annotations.a must be text"),
        ({"metadata__links": [{"title": "x"}]}, "metadata.links[0].url is missing"),
        ({"metadata__links": [{"url": "nowhere"}]}, "is not a URL"),
        ({"metadata__title": 3}, "metadata.title must be text"),
        ({"spec": []}, "spec must be a mapping"),
        ({"spec__owner": {"name": "payments"}}, "spec.owner must be text"),
        ({"spec__owner": None}, "spec.owner is missing"),
        ({"spec__lifecycle": None}, "spec.lifecycle is missing"),
        ({"spec__dependsOn": ["db"]}, "of which kind"),
        ({"spec__owner": "a b"}, "is not a reference"),
        ({"metadata__description": "a\0b"}, "cannot be stored"),
    ],
)
def test_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_entity(descriptor(**changes), "here")
    assert said in "\n".join([str(caught.value), *map(str, caught.value.problems)])


@pytest.mark.parametrize("kind", sorted(SPECS))
def test_each_kind_asks_for_its_own_fields(kind: str) -> None:
    version = "scaffolder.backstage.io/v1beta3" if kind == "Template" else "backstage.io/v1alpha1"
    whole = {"apiVersion": version, "kind": kind, "metadata": {"name": "a"}, "spec": SPECS[kind]}
    assert read_entity(whole, "here").kind == kind
    for field in SPECS[kind]:
        rest = {key: value for key, value in SPECS[kind].items() if key != field}
        with pytest.raises(InvalidInput, match=f"spec.{field} is missing"):
            read_entity({**whole, "spec": rest}, "here")


@pytest.mark.parametrize("version", ["scaffolder.backstage.io/v1beta2", "backstage.io/v1alpha1"])
def test_a_template_has_one_version_only(version: str) -> None:
    whole = {"apiVersion": version, "kind": "Template", "metadata": {"name": "a"}, "spec": SPECS["Template"]}
    with pytest.raises(InvalidInput, match="apiVersion must be"):
        read_entity(whole, "here")


def test_every_problem_comes_at_once_with_its_line() -> None:
    head = "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
    text = f"{head}metadata:\n  name: a-\nspec:\n  type: service\n  owner: 1\n"
    with pytest.raises(InvalidInput) as caught:
        read_entities(text, "catalog-info.yaml")
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [
        ("catalog-info.yaml", 4),
        ("catalog-info.yaml", 6),
        ("catalog-info.yaml", 7),
    ]


def test_a_file_may_hold_several_documents_and_empty_ones() -> None:
    first, second = yaml.safe_dump(descriptor()), yaml.safe_dump(descriptor(metadata__name="billing"))
    found = read_entities(f"---\n{first}---\n{second}---\n", "catalog-info.yaml")
    assert [entity.name for entity in found] == ["orders", "billing"]
    assert found[1].line is not None
    assert found[1].line > 5


@given(st.text(max_size=300))
def test_no_text_gives_anything_but_entities_or_invalid_input(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        read_entities(text, "catalog-info.yaml")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(kind=st.sampled_from(sorted(SPECS)), metadata=JSON, spec=JSON, field=st.text(max_size=10), value=JSON)
def test_no_value_gives_anything_but_an_entity_or_invalid_input(
    kind: str, metadata: Any, spec: Any, field: str, value: Any
) -> None:
    whole = {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    for candidate in (whole, descriptor(**{f"spec__{field or 'x'}": value}), {**descriptor(), field: value}):
        with contextlib.suppress(InvalidInput):
            read_entity(candidate, "here")
