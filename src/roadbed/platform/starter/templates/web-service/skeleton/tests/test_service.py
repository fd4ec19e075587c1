"""What needs no database: what is refused, and that it answers without its cache."""

import redis
from fastapi.testclient import TestClient

import service


def test_an_empty_note_is_refused():
    assert TestClient(service.app).post("/notes", json={"text": ""}).status_code == 422


def test_without_the_cache_it_goes_on(monkeypatch):
    monkeypatch.setattr(service, "cache", lambda: redis.Redis(port=1))
    assert service.cached("notes:20") is None
    assert not service.pinged()
