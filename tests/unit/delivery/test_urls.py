"""Which of an application's routes is its address."""

from __future__ import annotations

from roadbed.delivery.urls import public_url
from roadbed.engine.domain import Recorded


def route(name: str, url: str) -> Recorded:
    urn = f"shop@dev/web/{name}#gateway:Route"
    return Recorded(urn, "gateway:Route", name, urn, {}, outputs={"url": url})


def test_the_shortest_path_is_the_applications_address() -> None:
    routes = [route("a", "http://shop.dev.localhost/api"), route("b", "http://shop.dev.localhost/")]
    assert public_url({one.urn: one for one in routes}) == "http://shop.dev.localhost/"
    assert public_url({}) is None
