"""What a Node tree is built into: pages that are served as they are, or a server of its framework's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

STATIC = {
    "@vue/cli-service": "dist",
    "vite": "dist",
    "astro": "dist",
    "react-scripts": "build",
    "gatsby": "public",
    "@11ty/eleventy": "_site",
    "@docusaurus/core": "build",
    "parcel": "dist",
}
"""What builds pages that are served as they are → the folder that it puts them into, unless it is told another."""
PREVIEW = re.compile(
    r"\s*(vite|react-scripts|astro|parcel|gatsby|eleventy|docusaurus|serve|ng serve|ng s|vue-cli-service)\b(?!\s*build)"
)
"""A script that shows pages to those who write them."""
_SERVED = {
    "next": "npx next start -p $PORT",
    "nuxt": "node .output/server/index.mjs",
    "@remix-run/serve": "npx remix-serve build/server/index.js",
    "@react-router/serve": "npx react-router-serve build/server/index.js",
    "@sveltejs/adapter-node": "node build",
}
_SVELTE_KIT, _ANGULAR = "@sveltejs/kit", "@angular/core"


@dataclass(frozen=True, slots=True)
class Pages:
    """Exactly one is given: a `command` that serves, the folder to `publish`, what is `wrong`; or none of them."""

    place: Place
    command: str | None = None
    publish: str | None = None
    wrong: Problem | None = None


def served(names: Mapping[str, Place], scripts: Mapping[str, Place]) -> Pages | None:
    """What its framework starts it with."""
    for name, command in _SERVED.items():
        if name in names:
            return Pages(names[name], command)
    rendering = next((name for name in scripts if name.startswith("serve:ssr")), None)
    if _ANGULAR in names and rendering is not None:
        return Pages(scripts[rendering], f"npm run {rendering}")
    return None


def pages(tree: Tree, names: Mapping[str, Place]) -> Pages | None:
    """What is published of a tree that a framework for pages builds. None without any."""
    if _SVELTE_KIT in names:
        return _of_svelte_kit(names)
    if _ANGULAR in names:
        return _of_angular(tree, names[_ANGULAR])
    return next((Pages(names[name], publish=folder) for name, folder in STATIC.items() if name in names), None)


def _of_svelte_kit(names: Mapping[str, Place]) -> Pages:
    """What its build leaves is up to an adapter; the one that guesses knows other platforms only."""
    if "@sveltejs/adapter-static" in names:
        return Pages(names["@sveltejs/adapter-static"], publish="build")
    place = names[_SVELTE_KIT]
    hint = "add @sveltejs/adapter-node for a server, or @sveltejs/adapter-static for files, and name it in its config"
    return Pages(
        place, wrong=place.problem("SvelteKit is built for a platform by an adapter, and none is for here", hint)
    )


def _of_angular(tree: Tree, place: Place) -> Pages:
    import json

    try:
        document = json.loads(tree.text("angular.json") or "{}")
    except (ValueError, RecursionError):
        document = {}
    projects = _table(document, "projects")
    name = next((name for name in projects if _table(projects, name).get("projectType") != "library"), None)
    if name is None:
        return Pages(place, wrong=place.problem("no angular.json says which project is built", "add angular.json"))
    project = _table(projects, name)
    build = _table(_table(project, "architect") or _table(project, "targets"), "build")
    path = _table(build, "options").get("outputPath", f"dist/{name}")
    apart = str(build.get("builder", "")).endswith(":application")
    if isinstance(path, dict):
        path, inner = path.get("base", f"dist/{name}"), path.get("browser", "browser")
    else:
        inner = "browser" if apart else ""
    return Pages(place, publish="/".join(part for part in (str(path).strip("/"), str(inner)) if part))


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}
