"""`client` needs no database. `database_client` uses the one that DATABASE_URL names, or skips the test."""

import os
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.migrate import migrate
from app.settings import Settings


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(Settings(release="v7", instance="test-1")))


@pytest.fixture
def database_url() -> str:
    if url := os.environ.get("DATABASE_URL"):
        return url
    pytest.skip("DATABASE_URL is not set")


@pytest.fixture
def database_client(database_url: str) -> Iterator[TestClient]:
    migrate(database_url)
    with TestClient(create_app(Settings(database_url=database_url))) as client:
        yield client
