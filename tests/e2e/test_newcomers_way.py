"""The way that a newcomer goes: from nothing to a service with a database, and back to nothing."""

from __future__ import annotations

from pathlib import Path

from live_platform import OWNER, LivePlatform, call, live_platform


def test_from_nothing_to_a_service_and_back(run_folder: Path) -> None:
    with live_platform(run_folder / "live-newcomer", 12_500) as platform:
        made = platform.json("new", "python-api", "orders", "--owner", OWNER)
        url = made["url"]
        assert (made["status"], made["release"]) == ("succeeded", "v1")
        assert url.startswith("http://orders.dev.localhost:")
        assert call(f"{url}items", "POST", {"name": "first"}).status == 201
        assert call(url).json["message"] == "Hello from orders."

        _change(platform, "Hello from", "Good day from")
        deployed = platform.json("deploy", "orders")
        assert deployed["release"] == "v2"
        assert {"application", "environment", "release", "status", "url", "duration_s"} <= deployed.keys()
        assert call(url).json["message"] == "Good day from orders."

        assert platform.json("rollback", "orders")["release"] == "v3"
        assert call(url).json["message"] == "Hello from orders."
        assert [item["name"] for item in call(f"{url}items").json["items"]] == ["first"]

        platform.roadbed("destroy", "orders", "--yes")
        assert platform.items("apps") == []
        assert call(url).status == 404

        assert platform.processes()
        platform.roadbed("down")
        assert platform.processes() == []
        assert "Traceback" not in platform.log


def _change(platform: LivePlatform, old: str, new: str) -> None:
    main = platform.folder / "orders" / "app" / "main.py"
    main.write_text(main.read_text().replace(old, new))
