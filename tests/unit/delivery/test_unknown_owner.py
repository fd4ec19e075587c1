"""An owner that the catalog does not know is noted, not refused."""

from __future__ import annotations

import pytest

from roadbed.delivery.notes import unknown_owner
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

SCORE = "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers: {main: {image: .}}\n"
GROUPS = {"group:default/payments", "group:shop/orders"}


@pytest.mark.parametrize(
    ("owner", "notes"),
    [
        ("group:default/payments", []),
        ("payments", []),
        ("group:Payments", []),
        ("shop/orders", []),
        ("paymnts", [(3, "the catalog has no group:default/paymnts; did you mean 'group:default/payments'?")]),
    ],
)
def test_the_nearest_group_is_named(owner: str, notes: list[tuple[int, str]]) -> None:
    head = f"apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {{name: shop, owner: '{owner}'}}\n"
    source = read_source(from_mapping({"score.yaml": SCORE, "roadbed.yaml": head}))
    assert [(each.line, each.message) for each in unknown_owner(source, GROUPS)] == notes


def test_an_owner_that_no_roadbed_yaml_names_is_not_judged() -> None:
    assert unknown_owner(read_source(from_mapping({"score.yaml": SCORE})), GROUPS) == ()
