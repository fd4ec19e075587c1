from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fakes.platform_api import TOKEN, FakePlatform, serving
from roadbed.cli.main import run


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def platform() -> Iterator[FakePlatform]:
    with serving(FakePlatform()) as fake:
        yield fake


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own, and nothing in the environment that chooses a platform."""
    for name in ("ROADBED_URL", "ROADBED_TOKEN", "ROADBED_ENVIRONMENT", "ROADBED_DEBUG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ROADBED_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Runs a command line without a platform."""

    def call(*arguments: str) -> Result:
        code = run(arguments)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def roadbed(
    cli: Callable[..., Result], platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Runs a command line, logged in to the fake platform."""
    monkeypatch.setenv("ROADBED_URL", platform.url)
    monkeypatch.setenv("ROADBED_TOKEN", TOKEN)
    return cli
