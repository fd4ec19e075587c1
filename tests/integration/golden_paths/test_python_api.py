"""What the golden path `python-api` makes: its own tests pass, its tools are content, it starts and serves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uv

from golden_paths_kit import Scene
from roadbed.catalog.reader import read_entities
from roadbed.storage.database import Database
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source
from waiting import until

pytestmark = pytest.mark.slow


async def render(scene: Scene, folder: Path, **parameters: str) -> Path:
    found = await scene.rehearse("python-api", **parameters)
    for name, text in found.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or "")
    return folder


def run(source: Path, *command: str | Path, **variables: str) -> None:
    subprocess.run(command, cwd=source, env={**os.environ, **variables}, check=True)


@contextmanager
def served(source: Path, python: Path, variables: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [python, "-m", "app"], cwd=source, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "parameters",
    [
        {"name": "orders", "resource": "order"},
        {"name": "123", "resource": "delivery_note", "description": 'Says "no": \\ and #{x} \'\'\' """ {% x %}'},
        {"name": "true", "collection": "things"},
    ],
)
async def test_whatever_is_filled_in_its_files_can_be_read(
    scene: Scene, tmp_path: Path, parameters: dict[str, str]
) -> None:
    source = await render(scene, tmp_path, owner="payments", **parameters)
    texts = {path.name: path.read_text() for path in source.iterdir() if path.is_file()}
    application = read_source(from_mapping(texts))
    assert (application.name, application.owner) == (parameters["name"], "group:default/payments")
    assert application.problems == ()
    (entity,) = read_entities(texts["catalog-info.yaml"], "catalog-info.yaml")
    assert entity.metadata.get("description") == parameters.get("description", entity.metadata.get("description"))
    run(source, sys.executable, "-m", "ruff", "check", "--no-cache", ".")


async def test_its_tests_pass_and_it_serves(scene: Scene, database: Database, tmp_path: Path) -> None:
    source = await render(scene, tmp_path / "orders", name="orders", owner="payments", resource="order")
    run(source, sys.executable, "-m", "ruff", "format", "--check", "--no-cache", ".")
    run(source, uv.find_uv_bin(), "sync", "--quiet", "--python", sys.executable)
    python = source / ".venv/bin/python"
    run(source, python, "-m", "mypy")
    run(source, python, "-m", "pytest", "-q", "-W", "error")
    run(source, python, "-m", "pytest", "-q", "-W", "error", DATABASE_URL=database.url)
    run(source, python, "-m", "app.migrate", DATABASE_URL=database.url)
    port = free_port()
    variables = {"DATABASE_URL": database.url, "PORT": str(port), "ROADBED_RELEASE": "v3", "ROADBED_REPLICA": "web-1"}
    with served(source, python, variables) as process:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

            async def is_ready() -> bool:
                with suppress(httpx.TransportError):
                    return (await client.get("/readyz")).status_code == 200
                return False

            await until(is_ready, what="the service's readiness")
            about = (await client.get("/", headers={"X-Request-ID": "it-1"})).json()
            assert (about["name"], about["release"], about["instance"]) == ("orders", "v3", "web-1")
            assert (await client.post("/orders", json={"name": "First"})).status_code == 201
            assert "http_requests_total" in (await client.get("/metrics")).text
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    lines = [json.loads(line) for line in output.splitlines()]
    assert process.returncode in (0, -signal.SIGTERM)
    assert any(line.get("request_id") == "it-1" and line.get("status") == 200 for line in lines)
    assert any(line["message"] == "stopped" for line in lines)
