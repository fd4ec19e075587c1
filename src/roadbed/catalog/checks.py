"""The rules of Backstage's descriptor format: a tree of YAML in, a checked Entity out.

The facts are those of Backstage's documentation and code, checked against a running Backstage 1.53.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from roadbed.catalog.domain import Entity
from roadbed.catalog.references import NAME, NAMESPACE, EntityRef
from roadbed.catalog.relations import FIELDS, RelationField
from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Mapping, Node, Scalar, plain
from roadbed.workload.reader import Fields, Reader

API_VERSIONS = ("backstage.io/v1alpha1", "backstage.io/v1beta1")
TEMPLATE_VERSIONS = ("scaffolder.backstage.io/v1beta3",)
KINDS = tuple(FIELDS)

_ENVELOPE = ("apiVersion", "kind", "metadata", "spec")
_OUTPUT_ONLY = ("relations", "status")
_TEXTS: dict[str, tuple[str, ...]] = {
    "Component": ("type", "lifecycle"),
    "API": ("type", "lifecycle", "definition"),
    "Resource": ("type",),
    "Group": ("type",),
    "Template": ("type",),
}
_TAG = re.compile(r"(?=.{1,63}$)[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*")
_PREFIX = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*")
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
_SCHEME = re.compile(r"[A-Za-z][-+.A-Za-z0-9]*")
_NAME_RULE = "1 to 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit"


def check_entity(node: Node) -> Entity:
    """Raises InvalidInput with everything that is wrong, each with its place."""
    reader = _EntityReader()
    entity = reader.entity(node)
    reader.findings.raise_if_any("the entity")
    return entity


class _EntityReader(Reader):
    def entity(self, node: Node) -> Entity:
        root = self.section(node, "", (*_ENVELOPE, *_OUTPUT_ONLY), _ENVELOPE)
        kind = root.choice("kind", KINDS, "")
        self._characters(node)
        versions = TEMPLATE_VERSIONS if kind == "Template" else API_VERSIONS
        version = root.choice("apiVersion", versions, "")
        metadata, spec = root.mapping("metadata"), root.mapping("spec")
        self._metadata(metadata)
        namespace = metadata.text("namespace") if "namespace" in metadata else "default"
        if kind in KINDS:
            self._spec(kind, spec, namespace)
        return Entity(version, kind, plain(metadata.node), plain(spec.node), node.place.line)

    def _characters(self, node: Node) -> None:
        """No database keeps a NUL or half of a surrogate pair."""
        if isinstance(node, Scalar):
            if _UNSTORABLE.search(node.text):
                self.report(node.place, "this text holds a character that cannot be stored")
            return
        for key, place in node.key_places.items() if isinstance(node, Mapping) else ():
            if _UNSTORABLE.search(key):
                self.report(place, "this key holds a character that cannot be stored")
        for child in node.entries.values() if isinstance(node, Mapping) else node.items:
            self._characters(child)

    def _metadata(self, fields: Fields) -> None:
        if "name" not in fields:
            self.report(fields.node.place, "metadata.name is missing", "add `name:`")
        fields.matching("name", NAME, _NAME_RULE)
        fields.matching("namespace", NAMESPACE, "lower-case letters, digits and inner hyphens")
        for name in ("title", "description"):
            fields.text(name, empty=True)
        self._labels(fields.mapping("labels"))
        self._annotations(fields.mapping("annotations"))
        if (tags := fields.get("tags")) is not None:
            for node, path in self.sequence(tags, fields.path_of("tags")):
                self.matching(node, path, _TAG, "lower-case letters, digits, ':', '+', '#' and inner hyphens")
        if (links := fields.get("links")) is not None:
            for node, path in self.sequence(links, fields.path_of("links")):
                self._link(self.mapping(node, path))

    def _labels(self, fields: Fields) -> None:
        for key, node, path in fields.items():
            self._key(fields, key)
            value = self.text(node, path)
            if value and not NAME.fullmatch(value):
                self.report(node.place, f"{path} has the wrong form: {value!r}", f"use {_NAME_RULE}")

    def _annotations(self, fields: Fields) -> None:
        for key, node, path in fields.items():
            self._key(fields, key)
            self.text(node, path)

    def _key(self, fields: Fields, key: str) -> None:
        prefix, slash, name = key.rpartition("/")
        if not NAME.fullmatch(name) or (slash and not _PREFIX.fullmatch(prefix)):
            rule = f"use [prefix/]name: the prefix a lower-case domain, the name {_NAME_RULE}"
            self.report(fields.place(key), f"{fields.path} has a key that is not allowed: {key!r}", rule)

    def _link(self, fields: Fields) -> None:
        for name in ("title", "icon", "type"):
            fields.text(name, empty=True)
        if "url" not in fields:
            self.report(fields.node.place, f"{fields.path_of('url')} is missing", "add `url:`")
        elif (url := fields.text("url")) and not _is_url(url):
            self.report(fields.place("url"), f"{fields.path_of('url')} is not a URL: {url!r}", "write https://…")

    def _spec(self, kind: str, fields: Fields, namespace: str) -> None:
        required = [*_TEXTS.get(kind, ()), *(field.name for field in FIELDS[kind] if field.required)]
        if kind == "Template":
            required.append("steps")
        for name in required:
            if name not in fields:
                self.report(fields.node.place, f"spec.{name} is missing from this {kind}", f"add `{name}:`")
        for name in _TEXTS.get(kind, ()):
            fields.text(name)
        for field in FIELDS[kind]:
            self._relation(fields, field, namespace)
        if kind == "Location":
            self._location(fields)

    def _relation(self, fields: Fields, field: RelationField, namespace: str) -> None:
        node, path = fields.get(field.name), fields.path_of(field.name)
        if node is None or (_is_null(node) and not field.required):
            return
        nodes = self.sequence(node, path) if field.many else [(node, path)]
        for item, item_path in nodes:
            if text := self.text(item, item_path, empty=False):
                self._reference(item, item_path, text, field.default_kind, namespace)

    def _reference(self, node: Node, path: str, text: str, kind: str | None, namespace: str) -> None:
        try:
            EntityRef.parse(text, default_kind=kind, default_namespace=namespace)
        except InvalidInput as error:
            self.report(node.place, f"{path}: {error.message}", error.hint)

    def _location(self, fields: Fields) -> None:
        fields.text("type")
        fields.text("target")
        fields.words("targets")
        fields.choice("presence", ("required", "optional"), "required")


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    needs_host = parts.scheme in ("http", "https")
    return bool(_SCHEME.fullmatch(parts.scheme)) and bool(parts.netloc if needs_host else parts.netloc or parts.path)


def is_empty(node: Node) -> bool:
    """A document with nothing in it, as `---` at the end of a file makes."""
    return _is_null(node) and not isinstance(node, Mapping)
