"""What somebody gets who gives `command`, `http` or `file` something wrong: one sentence, and no secret in it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from roadbed.kit.errors import Conflict, InvalidInput, OperationFailed, RoadbedError
from roadbed.providers.command.provider import CommandProvider
from roadbed.providers.driver import Desired
from roadbed.providers.file.disk import LEDGER
from roadbed.providers.file.provider import FileProvider
from roadbed.providers.http.provider import HttpProvider
from roadbed.providers.tls import certificates, keys


class Said(list[str]):
    async def __call__(self, text: str) -> None:
        self.append(text)


def wanted(type: str, properties: Mapping[str, Any], *secret: str) -> Desired:
    return Desired(f"s@dev/one#{type}", type, "one", "s@dev", properties, frozenset(secret), token="t1")


def check_words(error: RoadbedError) -> None:
    """One sentence, what to do, and nothing that only a programmer reads."""
    assert "\n" not in error.message
    assert error.hint
    for text in ("swordfish", "Traceback", "Error(", "<class"):
        assert text not in f"{error.message} {error.hint}"


# Commands.


def shell(script: str, **more: Any) -> dict[str, Any]:
    return {"create": ["sh", "-c", script], **more}


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"create": ["no-such-program"]}, "found no program to run: .*no-such-program"),
        ({"create": ["/srv/no-such-script.sh"]}, "found no program to run: .*/srv/no-such-script.sh"),
        ({"create": ["/etc/passwd"]}, "found no program to run: .*/etc/passwd"),
        ({"create": [""]}, "names no program"),
        (shell("nonsense-of-a-command"), "found no program to run: .*nonsense-of-a-command"),
        (shell("printf 'a\\0b'"), "printed no text"),
        (shell("echo '{'", outputs="json"), "printed no JSON"),
        (shell("echo '{\"n\": NaN}'", outputs="json"), "printed no JSON"),
        (shell("echo '{\"n\": 1e999}'", outputs="json"), "printed no JSON"),
        (shell('echo \'{"n": "\\\\u0000"}\'', outputs="json"), "printed no JSON"),
        (shell("head -c 100000 /dev/zero | tr '\\0' '['", outputs="json"), "printed no JSON"),
        (shell("echo '[1]'", outputs="json"), "JSON that is no object"),
        (shell("head -c 64 /dev/urandom | tr -d '\\0'", outputs="json"), "printed no JSON"),
        (shell("exec yes"), "printed more than 512 kB"),
        (shell("exec yes >&2"), "printed more than 512 kB"),
        (shell("exec cat /dev/zero"), "printed more than 512 kB"),
        (shell("exec yes", sensitive=True), "printed more than 512 kB"),
        (shell("trap '' TERM INT HUP; while :; do sleep 1; done", timeout_s=0.3), "did not end within 0.3 s"),
        (shell("sleep 60 & wait", timeout_s=0.3), "did not end within 0.3 s"),
        (shell("echo $KEY; echo $KEY >&2; exit 4"), "ended with code 4: ••••••"),
        (shell("kill -9 $$"), "ended with code 137"),
        (shell("true", files={"/etc/passwd/x": "a"}), "ended with code 1: .*/etc/passwd"),
        (shell("true", files={"/state": "a"}), "ended with code 1: .*/state"),
        (shell("true", files={"relative": "a"}), "is not an absolute path"),
        (shell("true", environment={"A=B": "x"}), "no name of a variable"),
        ({"create": ["echo", "a\0b"]}, "holds a NUL character"),
    ],
)
async def test_a_command_that_can_not_be(home: Path, given: dict[str, Any], match: str) -> None:
    given = {"environment": {"KEY": "swordfish"}, "network": False, **given}
    said = Said()
    with pytest.raises((OperationFailed, InvalidInput), match=match) as caught:
        await CommandProvider(home / "c").create(wanted("command:Command", given, "environment.KEY"), said)
    check_words(caught.value)
    assert "swordfish" not in "".join(said)


async def test_a_resource_whose_read_was_never_there_can_be_removed(home: Path) -> None:
    commands = CommandProvider(home / "c")
    desired = wanted("command:Resource", {"create": ["true"], "read": ["no-such-program"], "delete": ["false"]})
    with pytest.raises(OperationFailed, match="the read command found no program"):
        await commands.create(desired, Said())
    await commands.delete(desired, "", Said())
    with pytest.raises(OperationFailed, match="the read command found no program"):
        await commands.delete(desired, "t1", Said())


@pytest.mark.parametrize(
    ("place", "secret"),
    [({"create": ["echo", "swordfish"]}, "create.1"), ({"files": {"/run.sh": "echo swordfish"}}, "files./run.sh")],
)
async def test_a_secret_goes_into_no_argument_and_no_file(home: Path, place: dict[str, Any], secret: str) -> None:
    """A removal could not give it again, and other processes see arguments."""
    commands = CommandProvider(home / "c")
    given = {"create": ["true"], "read": ["true"], "delete": ["sh", "-c", "exit 9"], **place}
    for kind in ("Command", "Resource"):
        with pytest.raises(InvalidInput, match="may not be") as caught:
            await commands.create(wanted(f"command:{kind}", given, secret), Said())
        check_words(caught.value)


async def test_a_whole_environment_that_is_secret_is_known_at_the_removal(home: Path) -> None:
    commands = CommandProvider(home / "c")
    given = {"create": ["true"], "delete": ["sh", "-c", "env >&2; exit 9"], "environment": {"KEY": "swordfish"}}
    desired = wanted("command:Command", given, "environment")
    made = await commands.create(desired, Said())
    assert made.secrets["environment"] == '{"KEY": "swordfish"}'
    stored = replace(desired, properties={**given, "environment": {"$secret": "f1"}}, secret_paths=frozenset())
    said = Said()
    with pytest.raises(OperationFailed, match="code 9"):
        await commands.delete(replace(stored, outputs=made.outputs, secrets=made.secrets), made.id, said)
    assert "KEY=••••••" in said
    assert not any("$secret" in line for line in said)


# Health gates.


@asynccontextmanager
async def serving(answer: bytes, context: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that answers every request so, and what it was sent."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if b"content-length: 9" in request.lower():
            request += await reader.readexactly(9)
        asked.append(request)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


def redirect(to: str, code: int = 302) -> bytes:
    return f"HTTP/1.1 {code} Go\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def once(url: str, **more: Any) -> Desired:
    return wanted("http:Health", {"url": url, "attempts": 1, "timeout_s": 5, **more}, "headers.x-key", "body")


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("http://user:swordfish@/x", "no URL"),
        ("http://user:swordfish@127.0.0.1:99999/", "no URL"),
        ("http://user:swordfish@[::1/", "no URL"),
        ("http://" + "a" * 80 + ".test/", r"no URL|no host name|can't be reached"),
        ("ftp://127.0.0.1/", "only http:// and https://"),
        ("file:///etc/passwd", "no URL"),
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("http://[::ffff:169.254.169.254]/latest/meta-data", "link-local"),
        ("http://[fe80::1]/", "link-local"),
        ("http://[fd00:ec2::254]/latest/meta-data", "link-local"),
        ("http://0xa9fea9fe/latest", "link-local"),
        ("http://2852039166/latest", "link-local"),
        ("http://127.0.0.1:1/", "can't be reached"),
    ],
)
async def test_a_url_that_can_not_be(url: str, match: str) -> None:
    with pytest.raises((OperationFailed, InvalidInput), match=match) as caught:
        await HttpProvider().create(once(url), Said())
    check_words(caught.value)


@pytest.mark.parametrize(
    ("to", "match"),
    [
        ("http://169.254.169.254/latest", "link-local"),
        ("http://[::ffff:a9fe:a9fe]/", "link-local"),
        ("file:///etc/passwd", "only http:// and https://"),
        ("gopher://127.0.0.1:6379/_x", "only http:// and https://"),
        ("http://[::1/", "the request failed"),
        ("/again", "more than 5 redirects"),
    ],
)
async def test_a_redirect_to_where_nobody_may_go(to: str, match: str) -> None:
    async with serving(redirect(to)) as (port, _):
        with pytest.raises((OperationFailed, InvalidInput), match=match) as caught:
            await HttpProvider().create(once(f"http://127.0.0.1:{port}/", headers={"x-key": "swordfish"}), Said())
    check_words(caught.value)


async def test_a_redirect_to_another_host_takes_no_body_along() -> None:
    well = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with serving(well) as (other, theirs), serving(redirect(f"http://127.0.0.1:{other}/", 307)) as (port, ours):
        await HttpProvider().create(once(f"http://127.0.0.1:{port}/", method="POST", body="swordfish"), Said())
    assert b"swordfish" in ours[0]
    assert b"swordfish" not in theirs[0]


@pytest.mark.parametrize("headers", [{"x-key": "swordfish\r\nx: y"}, {"x y": "swordfish"}, {"x-key": "swordfïsh "}])
async def test_a_header_that_can_not_be_sent(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="can't be sent so") as caught:
        await HttpProvider().create(once("http://127.0.0.1:1/", headers=headers), Said())
    check_words(caught.value)


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (b"nonsense\r\n\r\n", "the request failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "the request failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", "the request failed"),
        (b"", "the request failed"),
    ],
)
async def test_an_answer_that_is_none(answer: bytes, match: str) -> None:
    async with serving(answer) as (port, _):
        with pytest.raises(OperationFailed, match=match) as caught:
            await HttpProvider().create(once(f"http://127.0.0.1:{port}/"), Said())
    check_words(caught.value)


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    key = keys.make({"algorithm": "ECDSA"})
    given = {"subject": {"common_name": "web"}, "dns_names": ["localhost"], "validity_period_hours": 1}
    (tmp_path / "cert").write_text(certificates.pem(certificates.self_signed(given, key, datetime.now(UTC))))
    (tmp_path / "key").write_text(keys.private_outputs(key)["private_key_pem"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    async with serving(b"", context) as (port, _):
        with pytest.raises(OperationFailed, match="certificate is not trusted") as caught:
            await HttpProvider().create(once(f"https://localhost:{port}/"), Said())
    check_words(caught.value)


async def test_https_where_there_is_only_http() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(OperationFailed, match="speak TLS") as caught:
            await HttpProvider().create(once(url), Said())
    check_words(caught.value)


# Files.


@pytest.mark.parametrize(
    ("path", "match"),
    [
        ("../out", r"may not hold '\.\.'"),
        ("/etc/roadbed-out", "is not below a folder"),
        ("a\0b", "may not hold"),
        (".", "is not below a folder"),
        (".roadbed/x", "platform's own"),
        ("link/out", "link or no folder"),
        ("file/out", "link or no folder"),
        ("folder", "is there already"),
        ("x" * 300, "holds a name over 255 bytes"),
        ("\ud800", "is no text"),
    ],
)
async def test_a_path_that_can_not_be(tmp_path: Path, path: str, match: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "folder").mkdir(parents=True)
    outside.mkdir()
    (root / "file").write_text("theirs")
    (root / "link").symlink_to(outside)
    files, desired = FileProvider([root]), wanted("file:File", {"path": path, "content": "swordfish"}, "content")
    with pytest.raises((InvalidInput, OperationFailed, Conflict), match=match) as caught:
        await files.create(desired, Said())
    check_words(caught.value)
    await files.delete(desired, "", Said())
    assert not list(outside.iterdir())
    assert (root / "file").read_text() == "theirs"


async def test_what_stood_in_a_folder_that_became_a_link_is_gone(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    files, desired = FileProvider([root]), wanted("file:File", {"path": "a/b", "content": "x"})
    made = await files.create(desired, Said())
    (root / "a").rename(tmp_path / "away")
    (root / "a").symlink_to(outside)
    (outside / "b").write_text("precious")
    assert await files.read(desired, made.id) is None
    with pytest.raises(InvalidInput, match="link or no folder"):
        await files.update(desired, made.id, Said())
    await files.delete(desired, made.id, Said())
    assert (outside / "b").read_text() == "precious"


async def test_a_claim_that_can_not_be_read_is_told_of(tmp_path: Path) -> None:
    files, desired = FileProvider([tmp_path]), wanted("file:File", {"path": "a", "content": "x"})
    made = await files.create(desired, Said())
    (claim,) = (tmp_path / LEDGER).iterdir()
    claim.write_text("")
    for attempt in (files.create(desired, Said()), files.delete(desired, made.id, Said())):
        with pytest.raises(Conflict, match="can't be read any more") as caught:
            await attempt
        check_words(caught.value)
    assert str(claim) in str(caught.value.hint)
