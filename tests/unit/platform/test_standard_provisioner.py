"""The data store with backups, by its own examples."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import roadbed.platform
from roadbed.sdk.params import Param
from roadbed.sdk.program import Program, running
from roadbed.sdk.provisioners import Request, registered

FILE = Path(roadbed.platform.__file__).parent / "starter" / "provisioners" / "standard.py"


@pytest.fixture(scope="module")
def standard() -> ModuleType:
    spec = importlib.util.spec_from_file_location("standard_provisioner", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(standard: ModuleType, example: str) -> tuple[dict[str, Any], Any]:
    """The resources by type, and the outputs."""
    (store,) = [one for one in registered() if one.function is standard.data_store]
    asked = store.about.examples[example]
    params = {name: param.default for name, param in (store.params or {}).items() if isinstance(param, Param)}
    given = {**params, **asked.params}
    request = Request("postgres", "db", "web", "orders", asked.environment, asked.kind, given, asked.resource_class)
    with running(Program(f"orders@{asked.environment}")) as program:
        outputs = store.function(request)
    return {one["type"]: one for one in program.document()["resources"]}, outputs


def test_a_database_is_backed_up_each_night(standard: ModuleType) -> None:
    resources, outputs = made(standard, "default")
    assert resources.keys() == {"standard:DataStore", "postgres:Database", "backups:Schedule"}
    given = resources["backups:Schedule"]["properties"]
    assert (given["schedule"], given["timezone"], given["keep"], given["days"]) == ("0 2 * * *", "UTC", 14, 30)
    assert given["of"] == resources["postgres:Database"]["urn"]
    assert outputs.keys() == {"host", "port", "name", "database", "username", "password"}
    assert not resources["postgres:Database"].get("options", {}).get("protect")


def test_in_production_it_is_protected(standard: ModuleType) -> None:
    resources, _ = made(standard, "hourly-in-production")
    assert resources["backups:Schedule"]["properties"]["schedule"] == "0 * * * *"
    assert resources["postgres:Database"]["options"]["protect"] is True
