"""What the pages on quotas show can be read, and the starter's file limits nothing."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

import roadbed
from roadbed.platform.domain import KINDS
from roadbed.platform.repo import STARTER
from roadbed.quotas.domain import Allowances
from roadbed.quotas.reader import Known, read_allowances

DOCS = Path(roadbed.__file__).parents[2] / "docs"
KNOWN = Known(
    teams=("group:default/platform", "group:default/payments"),
    environments=("dev", "staging", "prod"),
    kinds=KINDS,
    types=("postgres:Database", "s3:Bucket"),
)


def test_the_reference_can_be_read_and_means_what_it_says() -> None:
    page = (DOCS / "reference" / "quotas-yaml.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```yaml quotas.yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    found = read_allowances(text, KNOWN)
    production = {one.of: one.most for one in found.limits("group:default/platform", "prod", "production")}
    assert production == {"replicas": 100, "cost": 2_500_500_000}
    assert found.unsaid.keys() == {"memory", "cpu", "storage", "cost"}


def test_the_starter_limits_nothing_and_what_it_shows_could_be_uncommented() -> None:
    text = (STARTER / "quotas.yaml").read_text(encoding="utf-8")
    assert read_allowances(text, KNOWN) == Allowances()
    shown = "\n".join(line.removeprefix("#   ") for line in text.splitlines() if line.startswith("#   "))
    whole = f"{text}{shown}\n"
    assert yaml.safe_load(whole).keys() == {"apiVersion", "kind", "ask", "unsaid", "default", "teams"}
    limits = read_allowances(whole, KNOWN).limits("group:default/payments", "prod", "production")
    assert {one.of for one in limits} == {"memory", "cost"}
