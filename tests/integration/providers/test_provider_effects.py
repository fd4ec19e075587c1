"""What each provider really does, beyond the rules that all keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from roadbed.kit.errors import Conflict, InvalidInput, OperationFailed
from roadbed.providers.command.provider import CommandProvider
from roadbed.providers.core.provider import CoreProvider
from roadbed.providers.driver import Actual, Desired, Transient
from roadbed.providers.file.provider import FileProvider
from roadbed.providers.http.provider import HttpProvider
from roadbed.providers.random import generate
from roadbed.providers.tls.provider import TlsProvider


class Said(list[str]):
    async def __call__(self, text: str) -> None:
        self.append(text)


def wanted(type: str, properties: Mapping[str, Any], *secret: str, name: str = "one", token: str = "t1") -> Desired:
    return Desired(f"s@dev/{name}#{type}", type, name, "s@dev", properties, frozenset(secret), token=token)


def recorded(desired: Desired, made: Actual) -> Desired:
    return replace(desired, outputs=made.outputs, secrets=made.secrets)


# Files.


async def test_a_file_that_somebody_else_made_is_left_alone_until_it_is_imported(tmp_path: Path) -> None:
    files, file = FileProvider([tmp_path]), tmp_path / "a.txt"
    file.write_text("theirs")
    desired = wanted("file:File", {"path": "a.txt", "content": "ours"})
    with pytest.raises(Conflict, match="is there already"):
        await files.create(desired, Said())
    await files.delete(desired, "", Said())
    assert file.read_text() == "theirs"
    found = await files.read(desired, str(file))
    assert found is not None
    assert (found.properties or {})["content"] == "theirs"
    await files.update(desired, str(file), Said())
    assert file.read_text() == "ours"
    with pytest.raises(Conflict, match="belongs to"):
        await files.create(wanted("file:File", {"path": "a.txt", "content": "x"}, name="two", token="t2"), Said())


@pytest.mark.parametrize("path", ["../out", "a/../../out", "/etc/roadbed-out", ".roadbed/x", "link/out", "."])
async def test_no_path_leads_out_of_the_roots(tmp_path: Path, path: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "link").symlink_to(outside)
    with pytest.raises(InvalidInput):
        await FileProvider([root]).create(wanted("file:File", {"path": path, "content": "x"}), Said())
    assert not list(outside.iterdir())


async def test_a_link_in_place_of_a_file_is_replaced_and_never_followed(tmp_path: Path) -> None:
    root, victim = tmp_path / "root", tmp_path / "victim"
    root.mkdir()
    victim.write_text("precious")
    files, desired = FileProvider([root]), wanted("file:File", {"path": "a", "content": "x", "mode": "0600"})
    made = await files.create(desired, Said())
    (root / "a").unlink()
    (root / "a").symlink_to(victim)
    assert await files.read(desired, made.id) is None
    await files.update(desired, made.id, Said())
    assert ((root / "a").read_text(), victim.read_text()) == ("x", "precious")
    assert (root / "a").stat().st_mode & 0o777 == 0o600


async def test_nothing_of_a_secret_file_is_a_plain_output(tmp_path: Path) -> None:
    desired = wanted("file:File", {"path": "key", "content": "swordfish"}, "content")
    made = await FileProvider([tmp_path]).create(desired, Said())
    assert made.outputs == {"path": str(tmp_path / "key"), "sha256": None, "size": None}
    (tmp_path / "key").write_bytes(b"swordfish\xff")
    stored = replace(desired, properties={"path": "key", "content": {"$secret": "f1"}}, secret_paths=frozenset())
    found = await FileProvider([tmp_path]).read(stored, made.id)
    assert found is not None
    assert found.outputs == made.outputs
    assert (found.properties or {}).keys() == {"path", "content"}, "where the engine knows that it is secret"


async def test_a_folder_goes_only_if_it_was_made_and_is_empty(tmp_path: Path) -> None:
    files, made_before = FileProvider([tmp_path]), tmp_path / "before"
    made_before.mkdir()
    old, new = (wanted("file:Directory", {"path": name}, name=name) for name in ("before", "new"))
    for desired in (old, new):
        await files.create(desired, Said())
    (tmp_path / "new" / "content").touch()
    with pytest.raises(OperationFailed, match="not empty"):
        await files.delete(new, str(tmp_path / "new"), Said())
    await files.delete(replace(new, properties={"path": "new", "delete_contents": True}), str(tmp_path / "new"), Said())
    await files.delete(old, str(made_before), Said())
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["before"]


@pytest.mark.parametrize("type", ["file:File", "file:Directory"])
async def test_what_was_moved_is_not_taken_by_what_has_its_urn_now(type: str, tmp_path: Path) -> None:
    files = FileProvider([tmp_path])
    properties = {"path": "a"} if type == "file:Directory" else {"path": "a", "content": "x"}
    first, second = (wanted(type, properties, name="n1", token=token) for token in ("t1", "t2"))
    moved = replace(first, urn=f"s@dev/renamed#{type}", name="renamed")
    made = await files.create(first, Said())
    with pytest.raises(Conflict, match=r"a belongs to what was s@dev/n1#\S+ until it was moved or forgotten$"):
        await files.create(second, Said())
    await files.delete(second, "", Said())
    assert await files.read(moved, made.id) is not None
    await files.delete(moved, made.id, Said())
    again = await files.create(second, Said())
    assert await files.read(second, again.id) is not None


@pytest.mark.parametrize("left", ["nothing", "a link"])
async def test_a_file_that_somebody_removed_is_made_anew_by_another_creation(left: str, tmp_path: Path) -> None:
    """And the first creation's removal, which may come later under another URN, leaves that alone, and says so."""
    files, file = FileProvider([tmp_path]), tmp_path / "a"
    first, second = (wanted("file:File", {"path": "a", "content": token}, token=token) for token in ("t1", "t2"))
    made = await files.create(first, Said())
    file.unlink()
    if left == "a link":
        file.symlink_to(tmp_path / "elsewhere")
    await files.create(second, Said())
    assert (file.read_text(), file.is_symlink()) == ("t2", False)
    with pytest.raises(Conflict, match=r"a belongs to s@dev/one#file:File$") as caught:
        await files.delete(replace(first, urn="s@dev/renamed#file:File"), made.id, Said())
    assert caught.value.hint == "let go of it here: roadbed stack forget s@dev renamed"
    assert file.read_text() == "t2"


# Commands.


async def test_a_command_answers_json_and_remembers_its_secrets_for_its_removal(home: Path) -> None:
    commands = CommandProvider(home / "commands")
    given = {
        "create": ["sh", "-c", 'echo "{\\"n\\": 1}"'],
        "delete": ["sh", "-c", 'cat > previous; echo "$KEY" >> previous; cp previous /state/../state/copy; exit 3'],
        "environment": {"KEY": "swordfish"},
        "outputs": "json",
    }
    desired = wanted("command:Command", given, "environment.KEY")
    made = await commands.create(desired, Said())
    assert made.outputs["result"] == {"n": 1}
    hidden = replace(
        recorded(desired, made),
        properties={**given, "environment": {"KEY": {"$secret": "f1"}}},
        secret_paths=frozenset(),
    )
    with pytest.raises(OperationFailed, match="code 3"):
        await commands.delete(hidden, made.id, Said())
    assert (home / "commands" / made.id / "copy").read_text() == '{"n": 1}swordfish\n'


@pytest.mark.parametrize(
    ("script", "more", "error", "match"),
    [
        ("exit 75", {}, Transient, "tried again"),
        ("echo $KEY >&2; exit 1", {}, OperationFailed, "ended with code 1: ••••••"),
        ("echo $KEY", {}, OperationFailed, "printed a secret"),
        ("echo no", {"outputs": "json"}, OperationFailed, "no JSON"),
        ("sleep 60", {"timeout_s": 0.3}, OperationFailed, "did not end within"),
        ("head -c 2000000 /dev/zero", {}, OperationFailed, "printed more"),
    ],
)
async def test_a_command_that_fails_says_so_and_tells_no_secret(
    home: Path, script: str, more: dict[str, Any], error: type[Exception], match: str
) -> None:
    given = {"create": ["sh", "-c", script], "environment": {"KEY": "swordfish"}, **more}
    said = Said()
    with pytest.raises(error, match=match) as caught:
        await CommandProvider(home / "c").create(wanted("command:Command", given, "environment.KEY"), said)
    assert "swordfish" not in f"{caught.value} {said}"


# Values.


async def test_a_secret_goes_into_no_plain_data() -> None:
    with pytest.raises(InvalidInput, match="may not be"):
        await CoreProvider().create(wanted("core:Data", {"input": {"a": "x"}}, "input.a"), Said())


def test_a_password_has_what_is_asked_of_it() -> None:
    given = {"length": 12, "min_special": 3, "override_special": "#", "upper": False, "min_numeric": 2}
    for _ in range(200):
        made = generate.password(given)
        assert len(made) == 12
        assert made.count("#") >= 3
        assert sum(character.isdigit() for character in made) >= 2
        assert not any(character.isupper() for character in made)
    with pytest.raises(InvalidInput, match="are required"):
        generate.password({"length": 2, "min_lower": 3})


# Certificates.


async def test_a_certificate_is_signed_by_its_authority_and_told_of_when_due() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    tls = TlsProvider(lambda: now)

    async def make(type: str, **properties: Any) -> Actual:
        return await tls.create(wanted(f"tls:{type}", properties), Said())

    authority_key, key = await make("PrivateKey", algorithm="ECDSA"), await make("PrivateKey")
    private = authority_key.secrets["private_key_pem"]
    terms = {"validity_period_hours": 48, "early_renewal_hours": 12, "allowed_uses": ["server_auth"]}
    authority = await make(
        "SelfSignedCert", private_key_pem=private, subject={"common_name": "ca"}, is_ca_certificate=True, **terms
    )
    who = {"subject": {"common_name": "web"}, "dns_names": ["web.test"], "ip_addresses": ["127.0.0.1"]}
    request = await make("CertRequest", private_key_pem=key.secrets["private_key_pem"], **who)
    given = {
        "cert_request_pem": request.outputs["cert_request_pem"],
        "ca_private_key_pem": private,
        "ca_cert_pem": authority.outputs["cert_pem"],
        **terms,
    }
    desired = wanted("tls:LocallySignedCert", given)
    made = await tls.create(desired, Said())
    leaf, root = (x509.load_pem_x509_certificate(one.outputs["cert_pem"].encode()) for one in (made, authority))
    leaf.verify_directly_issued_by(root)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["web.test"]
    fresh = await tls.read(recorded(desired, made), made.id)
    now += timedelta(hours=40)
    due = await tls.read(recorded(desired, made), made.id)
    assert fresh is not None
    assert due is not None
    assert (fresh.properties, due.properties) == (None, {"validity_period_hours": 8})


async def test_a_wrong_key_is_told_of_without_showing_it() -> None:
    given = {"private_key_pem": "swordfish", "validity_period_hours": 1}
    with pytest.raises(InvalidInput, match="no private key in PEM") as caught:
        await TlsProvider().create(wanted("tls:SelfSignedCert", given, "private_key_pem"), Said())
    assert "swordfish" not in str(caught.value)


# Health gates.


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that gives these answers in turn, the last for good. With what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answers[min(len(asked), len(answers)) - 1])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def test_a_gate_opens_once_the_answer_is_as_expected() -> None:
    said = Said()
    async with answering(BUSY, BUSY, OK) as (port, asked):
        given = {"url": f"http://orders.dev.localhost:{port}/health", "interval_s": 0.01, "expect_body": "fine"}
        made = await HttpProvider().create(wanted("http:Health", given), said)
    assert made.outputs == {"status": 200}
    assert said == ["not healthy yet: it answered 503"]
    assert f"Host: orders.dev.localhost:{port}".lower().encode() in asked[0].lower()


async def test_a_gate_that_stays_closed_says_what_it_saw() -> None:
    async with answering(BUSY) as (port, _):
        given = {"url": f"http://user:swordfish@127.0.0.1:{port}/", "attempts": 2, "interval_s": 0.01}
        with pytest.raises(OperationFailed, match="in 2 attempts: it answered 503") as caught:
            await HttpProvider().create(wanted("http:Health", given), Said())
    assert "swordfish" not in str(caught.value)


async def test_a_redirect_to_another_host_takes_no_secret_along() -> None:
    async with answering(OK) as (other, theirs):
        away = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with answering(away) as (port, ours):
            given = {"url": f"http://127.0.0.1:{port}/", "headers": {"x-key": "swordfish"}}
            await HttpProvider().create(wanted("http:Health", given, "headers.x-key"), Said())
    assert b"swordfish" in ours[0]
    assert b"swordfish" not in theirs[0]


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/", "http://[fe80::1]/"])
async def test_link_local_addresses_are_not_asked(url: str) -> None:
    with pytest.raises(InvalidInput, match="link-local"):
        await HttpProvider().create(wanted("http:Health", {"url": url}), Said())
