"""/${{ values.collection }}, against the database that DATABASE_URL names."""

import pytest
from fastapi.testclient import TestClient

from app.migrate import migrate


def test_one_is_created_read_changed_and_deleted(database_client: TestClient) -> None:
    created = database_client.post("/${{ values.collection }}", json={"name": "First"})
    assert created.status_code == 201
    path = f"/${{ values.collection }}/{created.json()['id']}"
    assert database_client.get(path).json() == created.json()
    assert database_client.put(path, json={"name": "Second", "notes": "n"}).json()["name"] == "Second"
    assert database_client.delete(path).status_code == 204
    assert database_client.get(path).status_code == 404


def test_the_list_comes_in_pages(database_client: TestClient) -> None:
    first = database_client.post("/${{ values.collection }}", json={"name": "One"}).json()["id"]
    database_client.post("/${{ values.collection }}", json={"name": "Two"})
    page = database_client.get("/${{ values.collection }}", params={"limit": 1, "after": first - 1}).json()
    assert [item["id"] for item in page["items"]] == [first]
    assert page["next"] == first


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 201}, {"name": 3}])
def test_what_breaks_a_rule_is_refused(database_client: TestClient, body: dict[str, object]) -> None:
    assert database_client.post("/${{ values.collection }}", json=body).status_code == 422


def test_it_is_ready(database_client: TestClient) -> None:
    assert database_client.get("/readyz").status_code == 200


def test_migrations_are_applied_once(database_url: str) -> None:
    migrate(database_url)
    assert migrate(database_url) == []
