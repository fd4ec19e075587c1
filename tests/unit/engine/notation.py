"""The compact notation of `tests/cases/engine`: a case as YAML becomes a graph document, a state and what was read.

    says: one sentence, the rule
    graph:                            # name → properties and options; order is the order of declaration
      a: {size: 1, protect: true}
      b: {value: "${a.id}", after: [a]}
    state:                            # `a~1` is a deposed row of `a`
      a: {size: 1, protect: true}

A name is a path (`net/subnet`); its type is `test:Thing` unless `type` says another, and `name#Type` where two types
have the same name. `${a.id}` is a reference, `${secret.token}` a secret, `${import.network@dev.vpc}` an export of
another stack (`imports` says what that is, `{secret: text}` that it is secret); `!secret text` is, in a state, what is
recorded of a secret. What is declared n-th stands in line n of
`roadbed.py`, unless `line` says another; exports stand below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from roadbed.engine.domain import Observed, Options, Recorded, Source
from unit.engine.building import STACK, fingerprint

CASES = Path(__file__).parents[2] / "cases" / "engine"
FILE = "roadbed.py"

_OPTIONS = {option.name: option.name for option in fields(Options)} | {"import": "import_id"}
_RESERVED = {*_OPTIONS, "type", "kind", "id", "after", "line", "sealed", "broken", "token", "release"}
_REFERENCE = re.compile(r"\$\{([^}]+)\}")


class _Loader(yaml.SafeLoader):
    """YAML with `!secret`."""


def _secret(_loader: _Loader, node: yaml.ScalarNode) -> dict[str, str]:
    return {"$secret": fingerprint(node.value)}


_Loader.add_constructor("!secret", _secret)


@dataclass(frozen=True)
class Case:
    """`name` is `topic/name`. `graph` lists pairs, so that a name can be declared twice."""

    name: str
    says: str
    graph: list[tuple[str, Mapping[str, Any]]]
    state: Mapping[str, Mapping[str, Any]]
    expect: Mapping[str, Any]
    observed: Mapping[str, Any] = field(default_factory=dict)
    ask: Mapping[str, Any] = field(default_factory=dict)
    exports: Mapping[str, Any] = field(default_factory=dict)
    imports: Mapping[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        resources = [self._resource(name, body, line) for line, (name, body) in enumerate(self.graph, 1)]
        lines = enumerate(self.exports, len(resources) + 1)
        return {
            "version": 1,
            "stack": STACK,
            "resources": resources,
            "exports": self.expression(self.exports),
            "export_sources": {name: {"file": FILE, "line": line} for line, name in lines},
        }

    @property
    def recorded(self) -> dict[str, Recorded]:
        rows = [self._row(name, body) for name, body in self.state.items()]
        return {row.key: row for row in rows}

    @property
    def read(self) -> dict[str, Observed]:
        return {self.key(name): _observed(found) for name, found in self.observed.items()}

    def urn(self, name: str) -> str:
        """The URN that a short name stands for."""
        path, _, kind = name.partition("#")
        return f"{STACK}/{path}#{_type(kind or self._declared_type(path))}"

    def urns(self, names: Iterable[str]) -> list[str]:
        return [self.urn(name) for name in names]

    def key(self, name: str) -> str:
        urn, _, deposed = name.partition("~")
        return f"{self.urn(urn)}~{deposed}" if deposed else self.urn(urn)

    def short(self, key: str) -> str:
        """The shortest name that stands for a key."""
        urn, tilde, deposed = key.partition("~")
        path, _, kind = urn.removeprefix(f"{STACK}/").partition("#")
        return (path if self.urn(path) == urn else f"{path}#{kind.removeprefix('test:')}") + tilde + deposed

    def expression(self, value: Any) -> Any:
        """A value of the notation as a property of a graph document."""
        match value:
            case str():
                return self._text(value)
            case Mapping():
                return {key: self.expression(item) for key, item in value.items()}
            case list():
                return [self.expression(item) for item in value]
            case _:
                return value

    def _declared_type(self, path: str) -> str:
        for name, body in (*self.graph, *self.state.items()):
            if name.partition("~")[0] == path:
                return str(body.get("type", "Thing"))
        return "Thing"

    def _resource(self, name: str, body: Mapping[str, Any], line: int) -> dict[str, Any]:
        urn = self.urn(f"{name}#{body['type']}" if "type" in body and "#" not in name else name)
        resource = {
            "urn": urn,
            "type": urn.partition("#")[2],
            "name": name.partition("#")[0].rpartition("/")[2],
            "properties": self.expression(_properties(body)),
            "depends_on": self.urns(body.get("after", ())),
            "source": {"file": FILE, "line": body.get("line", line)},
            "options": self._options(body, "import"),
        }
        return resource | {key: body[key] for key in ("kind", "id") if key in body}

    def _row(self, key: str, body: Mapping[str, Any]) -> Recorded:
        name, _, deposed = key.partition("~")
        urn = self.urn(name)
        found = body.get("id", f"id-{name}")
        followed = {"size": body["size"]} if "size" in body else {}
        return Recorded(
            urn=urn,
            type=urn.partition("#")[2],
            name=name.partition("#")[0].rpartition("/")[2],
            id=found,
            properties=_properties(body) | ({"id": found} if body.get("kind") == "read" else {}),
            depends_on=frozenset(self.urns(body.get("after", ()))),
            outputs={"id": found, **followed, **body.get("outputs", {})} if found else {},
            sealed=body.get("sealed", {}),
            release=body.get("release"),
            source=Source(FILE, body.get("line", self._line(name))),
            broken=body.get("broken", False),
            options=Options(**{key: _frozen(value) for key, value in self._options(body, "import_id").items()}),
            kind=body.get("kind", "managed"),
            token=body.get("token", f"token-{key}"),
            deposed=deposed,
        )

    def _line(self, name: str) -> int:
        """Where a row was declared: where it is declared now, or else in line 90."""
        return next((line for line, (declared, _) in enumerate(self.graph, 1) if declared == name), 90)

    def _options(self, body: Mapping[str, Any], imported: str) -> dict[str, Any]:
        given = {imported if key == "import" else key: body[key] for key in _OPTIONS if key in body}
        if "aliases" in given:
            given["aliases"] = self.urns(given["aliases"])
        if "provider" in given:
            given["provider"] = self.urn(given["provider"])
        return given

    def _text(self, text: str) -> Any:
        found = list(_REFERENCE.finditer(text))
        if not found:
            return text
        if found[0].group() == text:
            return self._reference(found[0][1])
        return {"$join": list(self._parts(text, found))}

    def _parts(self, text: str, found: list[re.Match[str]]) -> Iterator[Any]:
        end = 0
        for match in found:
            if match.start() > end:
                yield text[end : match.start()]
            yield self._reference(match[1])
            end = match.end()
        if end < len(text):
            yield text[end:]

    def _reference(self, text: str) -> dict[str, Any]:
        name, _, output = text.partition(".")
        if name == "secret":
            return {"$secret": output}
        if name == "import":
            return {"$import": output.split(".", 1)}
        return {"$ref": [self.urn(name), output]}


def _type(type: str) -> str:
    return type if ":" in type else f"test:{type}"


def _properties(body: Mapping[str, Any]) -> dict[str, Any]:
    """A component's outputs are properties of it; of all else they are what there is."""
    reserved = _RESERVED if body.get("kind") == "component" else {*_RESERVED, "outputs"}
    return {key: value for key, value in body.items() if key not in reserved}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _observed(found: Any) -> Observed:
    match found:
        case "gone":
            return Observed(gone=True)
        case {"error": str(error)}:
            return Observed(error=error)
        case _:
            return Observed(properties=_properties(found), outputs=found.get("outputs", {}))


def load(path: Path) -> Case:
    body = yaml.load(path.read_text(), _Loader)
    graph = body.pop("graph", {})
    listed = [pair for item in graph for pair in item.items()] if isinstance(graph, list) else list(graph.items())
    name = str(path.relative_to(CASES).with_suffix(""))
    pairs = [(key, value or {}) for key, value in listed]
    state = {key: value or {} for key, value in body.pop("state", {}).items()}
    return Case(name=name, graph=pairs, state=state, **body)


def cases() -> list[Case]:
    return [load(path) for path in sorted(CASES.glob("*/*.yaml"))]
