"""What the servers for applications are told, and what things on them are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.providers.embedded.naming import is_name, own_name
from roadbed.providers.embedded.ports import PortBook
from roadbed.providers.nats.config import nats_conf
from roadbed.providers.redis.config import DEFAULTS, valkey_conf
from roadbed.providers.s3 import config

DATA = Path("/srv/roadbed/servers/x/data")


def valkey(**more: Any) -> list[str]:
    record = {**DEFAULTS, "password_sha256": "ab" * 32, **more}
    return valkey_conf(record, DATA, 6379).splitlines()


def test_a_valkey_server_is_on_loopback_and_asks_for_a_password() -> None:
    lines = valkey()
    assert {"bind 127.0.0.1", "port 6379", f'dir "{DATA}"', "maxmemory 128mb", "appendonly yes"} <= set(lines)
    (user,) = [line for line in lines if line.startswith("user ")]
    assert user.startswith(f"user default reset on #{'ab' * 32} ~* &* +@all ")
    assert {"-shutdown", "-config", "+config|get", "-acl"} <= set(user.split())


def test_a_valkey_server_lets_in_without_a_password_only_where_that_is_declared() -> None:
    (user,) = [line for line in valkey(passwordless=True) if line.startswith("user ")]
    assert user.startswith("user default reset on nopass ~* &* +@all -shutdown ")


def test_what_is_declared_of_a_valkey_server_is_said() -> None:
    lines = valkey(max_memory_mb=5, eviction="allkeys-lru", persistent=False, keyspace_events="KEA")
    assert {"maxmemory 5mb", "maxmemory-policy allkeys-lru", "appendonly no", 'notify-keyspace-events "KEA"'} <= set(
        lines
    )


def test_each_nats_account_has_its_user_and_limits() -> None:
    record = {"hash": "$2a$04$x", "jetstream": True, "max_storage_mb": 2, "max_connections": 7}
    document = json.loads(nats_conf([("a", record), ("b", {**record, "jetstream": False})], DATA, 4222))
    assert (document["host"], document["port"], document["jetstream"]["store_dir"]) == ("127.0.0.1", 4222, str(DATA))
    assert document["accounts"]["a"] == {
        "users": [{"user": "a", "password": "$2a$04$x"}],
        "limits": {"max_connections": 7},
        "jetstream": {"max_file": 2 * 2**20, "max_mem": 0},
    }
    assert "jetstream" not in document["accounts"]["b"]


def test_keys_of_a_bucket_are_for_that_bucket_and_those_of_one_that_is_gone_for_nothing() -> None:
    admin = {"access_key": "A", "secret_key": "s"}
    text = config.identities(admin, [("one", {"secret_key": "k"})], {"RBOLD": "replaced"})
    _, one, old = json.loads(text)["identities"]
    assert one["credentials"] == [{"accessKey": config.access_key("one"), "secretKey": "k"}]
    assert one["actions"] == ["Read:one", "Write:one", "List:one", "Tagging:one"]
    assert (old["credentials"][0]["secretKey"], old["actions"]) == ("replaced", [])


def test_the_object_store_listens_on_loopback_and_tells_nobody_of_itself() -> None:
    said = config.arguments(Path("/srv/s3"), {name: 8000 + at for at, name in enumerate(config.PORTS)})
    assert {"-ip.bind=127.0.0.1", "-master.telemetry=false", "-s3.iam=false", "-filer.disableHttp"} <= set(said)
    assert {"-s3.port=8000", "-s3.port.grpc=8001", "-volume.port=8006", "-volume.port.grpc=8007"} <= set(said)
    assert config.mark(Path("/srv/s3")) in said


@given(st.text(max_size=300), st.text(max_size=80))
def test_a_name_is_one_everywhere(urn: str, token: str) -> None:
    name = own_name(urn, token)
    assert is_name(name)
    assert 3 <= len(name) <= 63, "a bucket's"
    assert name == own_name(urn, token)


def test_a_name_is_its_creations_own() -> None:
    urn = "orders@dev/web/cache#redis:Database"
    assert own_name(urn, "a").startswith("orders-dev-web-cache-")
    assert len({own_name(urn, "a"), own_name(urn, "b"), own_name(f"{urn}x", "a")}) == 3


@pytest.mark.parametrize("text", ["", "..", "../x", "a/b", "A", "-a", "a" * 64, "a\n", "a b"])
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


def nobody(port: int) -> bool:
    return False


def test_ports_are_kept_and_never_the_same(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json")
    one, other = book.take("one", ("a", "b"), 21_000, nobody), book.take("other", ("a",), 21_000, nobody)
    assert len({*one.values(), *other.values()}) == 3
    assert PortBook(tmp_path / "ports.json").take("one", ("a", "b"), 22_000, nobody) == one
    assert book.take("odd", ("a",), 21_000, lambda port: port % 2 == 0)["a"] % 2 == 1
    book.release("one")
    assert (book.get("one"), book.get("other")) == (None, other)
