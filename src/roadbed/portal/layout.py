"""The frame around every page: where one is, who one is, the theme, the command that does the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Theme: TypeAlias = Literal["system", "light", "dark"]
THEMES: dict[str, Theme] = {"system": "system", "light": "light", "dark": "dark"}
THEME_COOKIE = "roadbed_theme"


@dataclass(frozen=True, slots=True)
class Link:
    section: str
    label: str
    href: str
    icon: str


NAVIGATION: tuple[tuple[str, tuple[Link, ...]], ...] = (
    (
        "",
        (
            Link("applications", "Applications", "/", "layout-grid"),
            Link("golden-paths", "Golden paths", "/golden-paths", "signpost"),
            Link("operations", "Operations", "/operations", "activity"),
            Link("approvals", "Approvals", "/approvals", "circle-check"),
            Link("catalog", "Catalog", "/catalog", "boxes"),
        ),
    ),
    (
        "Platform",
        (
            Link("stacks", "Stacks", "/stacks", "square-stack"),
            Link("building-blocks", "Building blocks", "/building-blocks", "brick-wall"),
            Link("resource-types", "Resource types", "/resource-types", "shapes"),
            Link("costs", "Costs", "/costs", "gauge"),
            Link("policies", "Policies", "/policies", "shield-check"),
            Link("waivers", "Waivers", "/waivers", "circle-dashed"),
            Link("environments", "Environments", "/environments", "layers"),
            Link("platform", "Status", "/platform", "heart-pulse"),
            Link("audit", "Audit log", "/audit", "scroll-text"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself.

    `command` does the same as the page shows. `live` names the subjects of the events on which it fetches itself anew.
    """

    title: str
    section: str = ""
    command: str | None = None
    live: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shell:
    head: Head
    theme: Theme
    url: str
    user: str | None = None
    csrf: str = ""

    @property
    def navigation(self) -> tuple[tuple[str, tuple[Link, ...]], ...]:
        return NAVIGATION
