"""Reads descriptors: from text, from a value, from the files below a root with what they point to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from roadbed.catalog.checks import check_entity, is_empty
from roadbed.catalog.domain import Entity
from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.workload import document as yaml
from roadbed.workload.document import Node, Place, Scalar
from roadbed.workload.parsing import parse_document, parse_documents

Load: TypeAlias = Callable[[str, Place], str]
"""Gives the text of what a placeholder names, relative to the file it stands in. Raises InvalidInput."""

_MAX_FILES = 1_000
_PLACEHOLDERS = ("$text", "$json", "$yaml")


def read_entities(text: str, file: str, load: Load | None = None) -> list[Entity]:
    """Every entity of a file of one or more documents. Raises InvalidInput with all that is wrong in it."""
    findings, entities = Findings(), []
    for node in parse_documents(text, file):
        if is_empty(node):
            continue
        try:
            entities.append(check_entity(_resolve(node, load or _load_nothing)))
        except InvalidInput as error:
            findings.problems.extend(error.problems or [error.problem])
    findings.raise_if_any(file)
    return entities


def read_entity(value: Mapping[str, Any], source: str) -> Entity:
    """An entity that comes as a value, from a provider or a template's step. Raises InvalidInput."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"the entity is not plain data: {error}", file=source) from None
    return replace(check_entity(parse_document(text, source)), line=None)


def _load_nothing(name: str, place: Place) -> str:
    raise place.error(f"{name!r} cannot be read from here")


def _resolve(node: Node, load: Load) -> Node:
    """Replaces each mapping whose one key is `$text`, `$json` or `$yaml` by what it names."""
    if isinstance(node, yaml.Sequence):
        return replace(node, items=[_resolve(item, load) for item in node.items])
    if not isinstance(node, yaml.Mapping):
        return node
    if len(node.entries) == 1 and (key := next(iter(node.entries))) in _PLACEHOLDERS:
        return _placeholder(key, node.entries[key], load)
    return replace(node, entries={key: _resolve(child, load) for key, child in node.entries.items()})


def _placeholder(key: str, target: Node, load: Load) -> Node:
    if not isinstance(target, Scalar) or not isinstance(target.value, str):
        raise target.place.error(f"{key} must name a file")
    text = load(target.value, target.place)
    if key == "$text":
        return Scalar(target.place, text, text)
    if key == "$json":
        _check_json(text, target)
    return parse_document(text, target.value)


def _check_json(text: str, target: Scalar) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise target.place.error(f"{target.text} is not JSON: {error}") from None


@dataclass(frozen=True, slots=True)
class Tree:
    """What was read below a root: the entities by file, and what could not be read."""

    files: Mapping[str, Sequence[Entity]]
    problems: Sequence[Problem] = ()


def read_tree(root: Path, starts: Sequence[str]) -> Tree:
    """Reads the files `starts`, relative to `root`, and every file that Locations in them name. Never leaves `root`."""
    walk = _Walk(root)
    for start in starts:
        walk.visit(PurePosixPath(start), required=True, place=None)
    return Tree(walk.files, walk.problems)


@dataclass(slots=True)
class _Walk:
    root: Path
    files: dict[str, Sequence[Entity]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def visit(self, path: PurePosixPath, *, required: bool, place: Place | None) -> None:
        name = path.as_posix()
        if name in self.files or len(self.files) >= _MAX_FILES:
            return
        try:
            if not required and not self._inside(name, place).exists():
                return
            entities = read_entities(self._read(name, place), name, self._loader(path))
        except InvalidInput as error:
            self.problems.extend(error.problems or [error.problem])
            return
        self.files[name] = entities
        for entity in entities:
            if entity.kind == "Location":
                self._follow(entity, path)

    def _follow(self, location: Entity, path: PurePosixPath) -> None:
        """A Location of type `file`, or of none, names further files; those of other types are only shown."""
        spec = location.spec
        if spec.get("type", "file") != "file":
            return
        place = Place(path.as_posix(), location.line or 1, 1)
        targets = [*([spec["target"]] if spec.get("target") else []), *(spec.get("targets") or [])]
        for target in targets:
            self.visit(
                _joined(path.parent, target), required=spec.get("presence", "required") == "required", place=place
            )

    def _loader(self, path: PurePosixPath) -> Load:
        return lambda name, place: self._read(_joined(path.parent, name).as_posix(), place)

    def _read(self, name: str, place: Place | None) -> str:
        path = self._inside(name, place)
        try:
            if path.stat().st_size > yaml.MAX_BYTES:
                raise _error(f"{name} has more than {yaml.MAX_BYTES:,} bytes", place, name)
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise _error(f"{name} is not UTF-8 text", place, name) from None
        except OSError as error:
            raise _error(f"{name} cannot be read: {error.strerror}", place, name) from None

    def _inside(self, name: str, place: Place | None) -> Path:
        try:
            path = (self.root / name).resolve()
        except (OSError, ValueError, RuntimeError):
            raise _error(f"{name!r} is not a path", place, None) from None
        if not path.is_relative_to(self.root.resolve()):
            raise _error(f"{name!r} lies outside the repository", place, None)
        return path


def _error(message: str, place: Place | None, file: str | None) -> InvalidInput:
    return place.error(message) if place else InvalidInput(message, file=file)


def _joined(folder: PurePosixPath, name: str) -> PurePosixPath:
    """`folder/name` with `..` folded, so that one file has one name."""
    parts: list[str] = []
    for part in (folder / name).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)
