"""How values print, and the filters that templates have besides Jinja's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Undefined

from roadbed.catalog.references import DEFAULT_NAMESPACE, EntityRef


def as_text(value: Any) -> str:
    """As JavaScript prints it: `a,b`, `true`, nothing for what is missing. Maps print as JSON."""
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return ",".join(as_text(item) for item in value)
    return dump(value) if isinstance(value, Mapping) else str(value)


def dump(value: Any) -> str:
    """Compact JSON; nothing for what is missing."""
    if isinstance(value, Undefined):
        return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=as_text)


def join(values: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    items = (pick(item, attribute) for item in values) if attribute else values
    return separator.join(as_text(item) for item in items)


def parse_repo_url(url: str) -> dict[str, str]:
    """`github.com?owner=acme&repo=orders` → host, owner, repo, and organization, workspace, project where given."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    query = dict(parse_qsl(parts.query))
    if not parts.netloc or not query.get("repo"):
        raise ValueError(f"{url!r} is not a repository: write host?owner=…&repo=…")
    known = ("owner", "repo", "organization", "workspace", "project")
    return {"host": parts.netloc} | {key: query[key] for key in known if key in query}


def parse_entity_ref(reference: str, context: Mapping[str, Any] | None = None, **options: str) -> dict[str, str]:
    """→ kind, namespace, name. `defaultKind` and `defaultNamespace` say what a bare name means."""
    given = {**(context or {}), **options}
    ref = EntityRef.parse(
        reference,
        default_kind=given.get("defaultKind"),
        default_namespace=given.get("defaultNamespace") or DEFAULT_NAMESPACE,
    )
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def pick(value: Any, key: str) -> Any:
    """A field of a map, by a dotted path; None where there is none."""
    for part in str(key).split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def project_slug(url: str) -> str:
    """`host?owner=acme&repo=orders` → `acme/orders`."""
    parts = parse_repo_url(url)
    return f"{parts.get('owner', '')}/{parts['repo']}"


FILTERS: dict[str, Callable[..., Any]] = {
    "dump": dump,
    "join": join,
    "jsonify": dump,
    "parseRepoUrl": parse_repo_url,
    "parseEntityRef": parse_entity_ref,
    "pick": pick,
    "projectSlug": project_slug,
    "string": as_text,
}
