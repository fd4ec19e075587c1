"""Which provider has a type; plugins that break."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import ClassVar, cast

import pytest

from roadbed.kit.errors import Conflict, NotFound
from roadbed.providers.driver import Provider, ResourceType
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer
from roadbed.providers.registry import Registry, with_plugins


class Clouds:
    """A provider as far as the registry looks."""

    name: ClassVar[str] = "clouds"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {"clouds:Bucket": ResourceType("clouds:Bucket", "", {})}


class Thief(Clouds):
    name = "thief"


def clouds(kind: type[Clouds] = Clouds) -> Provider:
    return cast(Provider, kind())


def postgres() -> Provider:
    return PostgresProvider(cast(ApplicationServer, None))


POSTGRES = {"postgres:Database", "postgres:Extension", "postgres:Grant", "postgres:Role", "postgres:Server"}


def plugin(value: str) -> EntryPoint:
    return EntryPoint("plugin", value, "roadbed.providers")


def test_a_type_leads_to_its_provider() -> None:
    registry = Registry([clouds(), postgres()])
    assert list(registry) == sorted({"clouds:Bucket"} | POSTGRES)
    assert registry["postgres:Database"].name == "postgres"
    assert registry.type("clouds:Bucket").name == "clouds:Bucket"


def test_an_unknown_type_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="no resource type 'postgres:Databse'") as caught:
        Registry([clouds(), postgres()])["postgres:Databse"]
    assert caught.value.hint == "did you mean postgres:Database?"
    assert "anything" not in Registry([])


def test_a_type_has_one_provider() -> None:
    with pytest.raises(Conflict, match="two providers"):
        Registry([clouds(), clouds()])


def test_a_provider_keeps_to_its_own_types() -> None:
    with pytest.raises(Conflict, match="another's"):
        Registry([clouds(Thief)])


def test_plugins_come_in_beside_the_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roadbed.providers.registry.PLUGIN", clouds, raising=False)
    registry = with_plugins([postgres()], [plugin("roadbed.providers.registry:PLUGIN")])
    assert set(registry) == {"clouds:Bucket"} | POSTGRES
    assert registry.problems == ()


def test_a_plugin_that_breaks_is_left_out_and_told_of() -> None:
    registry = with_plugins([postgres()], [plugin("roadbed.no_such_module:make")])
    assert set(registry) == POSTGRES
    assert "no_such_module" in registry.problems[0].message
