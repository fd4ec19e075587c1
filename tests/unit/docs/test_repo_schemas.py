"""The JSON Schemas of the platform repo's files are what the code says, and agree with the readers on what is right and
what is wrong in its shape.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import roadbed
from roadbed.estimates import prices_schema
from roadbed.estimates.reader import read_prices
from roadbed.kit.errors import InvalidInput
from roadbed.platform import environments_schema
from roadbed.platform.domain import read_environments
from roadbed.quotas import quotas_schema
from roadbed.quotas.reader import Known, read_allowances
from unit.estimates.sheets import Places

SOURCE = Path(roadbed.__file__).parent
REFERENCE, STARTER = SOURCE.parents[1] / "docs" / "reference", SOURCE / "platform" / "starter"
TEAMS = frozenset({"group:default/payments", "group:default/platform"})
KNOWN = Known(TEAMS, {"dev", "prod"}, ("development", "test", "production"), {"postgres:Database", "s3:Bucket"})
MODULES = {"prices": prices_schema, "quotas": quotas_schema, "environments": environments_schema}
READERS: dict[str, Callable[[str], object]] = {
    "prices": lambda text: read_prices(text, ["dev", "staging", "prod"], Places()),
    "quotas": lambda text: read_allowances(text, KNOWN),
    "environments": lambda text: read_environments(text, file="environments.yaml"),
}
HEADS = {
    "prices": "apiVersion: roadbed.dev/v1\nkind: Prices\ncurrency: EUR\n",
    "quotas": "apiVersion: roadbed.dev/v1\nkind: Quotas\n",
    "environments": "apiVersion: roadbed.dev/v1\nkind: Environments\n",
}
FROM = "source: us, date: '2026-01-01'"
CASES = [
    ("prices", f"prices: {{cpu: {{price: 1, per: core-hour, {FROM}}}}}", True),
    ("prices", f"prices: {{cpu: {{price: -1, per: core-hour, {FROM}}}}}", False),
    ("prices", f"prices: {{cpu: {{price: 1, per: GiB-hour, {FROM}}}}}", False),
    ("prices", f"prices: {{memory: {{price: 1, per: TB-month, {FROM}}}}}", True),
    ("prices", "prices: {cpu: {price: 1, per: core-hour}}", False),
    ("prices", "prices: {disk: {}}", False),
    ("prices", "location: ESP", False),
    ("prices", "prices: {}\nassume: {cpu: 100m, memory: 256Mi}", True),
    ("prices", "prices: {}\nassume: {cpu: 0.5}", True),
    ("prices", "prices: {}\nassume: {cpu: lots}", False),
    ("prices", "prices: {}\nassume: {memory: 256}", False),
    ("prices", f"prices: {{}}\nenergy: {{pue: {{ratio: 0.5, {FROM}}}}}", False),
    ("prices", f"prices: {{}}\nenergy: {{memory: {{watts: 0.3, per: GB, {FROM}}}, pue: {{ratio: 1.2, {FROM}}}}}", True),
    ("prices", f"prices: {{}}\nexchange: {{USD: {{rate: 0.92, {FROM}}}}}", True),
    ("prices", f"prices: {{}}\nexchange: {{USD: {{rate: 0, {FROM}}}}}", False),
    ("prices", f"prices: {{}}\nexchange: {{USDD: {{rate: 1, {FROM}}}}}", False),
    ("prices", f"prices: {{}}\ngrid: {{grams_per_kwh: 30, {FROM}}}", True),
    ("prices", "prices: {}\ntypes: {a:B: {free: it is ours}}", True),
    ("prices", "prices: {}\ntypes: {a:B: {free: }}", False),
    ("prices", "prices: {}\ntypes: {a:B: {}}", False),
    ("prices", "prices: {}\ntypes: {a:B: {month: 3}}", False),
    ("prices", f"prices: {{}}\ntypes: {{a:B: {{month: 3, times: [min, max], {FROM}}}}}", True),
    ("prices", f"prices: {{}}\ntypes: {{a:B: {{month: 3, times: [min], {FROM}}}}}", False),
    ("prices", f"prices: {{}}\ntypes: {{a:B: {{month: 3, hour: 1, {FROM}}}}}", False),
    ("prices", f"prices: {{}}\ntypes: {{a:B: {{by: class, of: {{small: {{hour: 1, {FROM}}}}}}}}}", True),
    ("prices", "prices: {}\ntypes: {a:B: {by: class, of: {}}}", False),
    ("prices", f"prices: {{}}\ntypes: {{a:B: {{storage: {{property: gb, unit: GB, default: 5}}, {FROM}}}}}", True),
    ("prices", f"prices: {{}}\ntypes: {{a:B: {{storage: {{property: gb}}, {FROM}}}}}", False),
    ("prices", "prices: {}\nenvironments: {prod: {location: ESP}}", True),
    ("prices", "prices: {}\nenvironments: {prod: {currency: USD}}", False),
    ("quotas", "default: {replicas: 5, cpu: 500m, memory: 8Gi, storage: 1.5G, budget: 20.5}", True),
    ("quotas", "default:", True),
    ("quotas", "default: {replicas: unlimited, memory: 0}", True),
    ("quotas", "default: {replicas: -1}", False),
    ("quotas", "default: {replicas: 1.5}", False),
    ("quotas", "default: {memory: 8}", False),
    ("quotas", "default: {memory: 8 Gigs}", False),
    ("quotas", "default: {cpu: lots}", False),
    ("quotas", "default: {budget: 50 EUR}", False),
    ("quotas", "default: {disk: 8Gi}", False),
    ("quotas", 'default: {resources: {"postgres:Database": 5, "s3:*": unlimited}}', True),
    ("quotas", 'default: {resources: {"s3:*": many}}', False),
    ("quotas", "default: {kinds: {production: {memory: 1Gi}}}", True),
    ("quotas", "default: {kinds: {prod: {memory: 1Gi}}}", False),
    ("quotas", "teams: {payments: {environments: {prod: {replicas: 100}}}}", True),
    ("quotas", "teams: {payments: 5}", False),
    ("quotas", "unsaid: {memory: 256Mi, cpu: 250m, storage: 1Gi, cost: 10}", True),
    ("quotas", "unsaid: {replicas: 2}", False),
    ("quotas", "ask: 5", False),
    ("environments", "environments: {dev: {kind: development, runtime: process, variables: {A: 'b'}}}", True),
    ("environments", "environments: {dev: {kind: development, drift: {every: 6h, action: heal}}}", True),
    ("environments", "environments: {prod: {kind: production, approvals: {count: 2, role: owner, remind: 4h}}}", True),
    ("environments", "environments: {}", False),
    ("environments", "environments: {dev: {}}", False),
    ("environments", "environments: {dev: {kind: dev}}", False),
    ("environments", "environments: {Dev: {kind: development}}", False),
    ("environments", "environments: {dev: {kind: development, variables: {A: 1}}}", False),
    ("environments", "environments: {dev: {kind: development, variables: {1A: b}}}", False),
    ("environments", "environments: {dev: {kind: development, drift: {every: often}}}", False),
    ("environments", "environments: {prod: {kind: production, approvals: {count: 0, role: owner}}}", False),
]


def _agrees(name: str, text: str) -> bool:
    found = Draft202012Validator(MODULES[name].schema()).is_valid(yaml.safe_load(text))
    try:
        READERS[name](text)
    except InvalidInput:
        assert not found, "the schema lets it pass, and the reader does not"
        return False
    assert found, "the reader lets it pass, and the schema does not"
    return True


@pytest.mark.parametrize(("name", "text", "right"), CASES)
def test_schema_and_reader_say_the_same(name: str, text: str, right: bool) -> None:
    assert _agrees(name, HEADS[name] + text + "\n") == right


@pytest.mark.parametrize("name", MODULES)
def test_a_schema_is_up_to_date_and_the_starters_file_is_right(name: str) -> None:
    """`python -m roadbed.estimates.prices_schema` writes it, and likewise the others."""
    module: Any = MODULES[name]
    assert (REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8") == module.text()
    Draft202012Validator.check_schema(module.schema())
    validator = Draft202012Validator(module.schema())
    assert not list(validator.iter_errors(yaml.safe_load((STARTER / f"{name}.yaml").read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", ["prices", "quotas"])
def test_the_example_of_the_reference_is_right(name: str) -> None:
    page = (REFERENCE / f"{name}-yaml.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml[^\n]*\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert json.loads(json.dumps(yaml.safe_load(example[1])))
    assert not list(Draft202012Validator(MODULES[name].schema()).iter_errors(yaml.safe_load(example[1])))
