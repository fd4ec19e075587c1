"""The templates of the platform repo: `templates/<folder>/template.yaml`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from roadbed.golden_paths.domain import Template
from roadbed.golden_paths.errors import TemplateNotFound
from roadbed.golden_paths.reader import read_template
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.workload.document import MAX_BYTES
from roadbed.workload.reader import nearest

log = logging.getLogger(__name__)


class Library:
    """`root` is the platform repo. Files are read anew each time, so a change is in force at once."""

    def __init__(self, root: Path, actions: Mapping[str, str]) -> None:
        self.root = root
        self._actions = actions

    def templates(self) -> list[Template]:
        """Those that can be read, by name; what is wrong with the others is logged and shown when one asks for them."""
        found = []
        for path in self._files():
            try:
                found.append(self._read(path))
            except InvalidInput as error:
                log.warning("a template cannot be read: %s", error)
        return sorted(found, key=lambda template: template.name)

    def problems(self) -> list[Problem]:
        """What is wrong in the templates, by file."""
        found: list[Problem] = []
        for path in self._files():
            try:
                self._read(path)
            except InvalidInput as error:
                found += error.problems or (error.problem,)
        return found

    def template(self, name: str) -> Template:
        """Raises TemplateNotFound, or InvalidInput for one that is wrong."""
        templates = self.templates()
        for template in templates:
            if template.name == name:
                return template
        for path in self._files():
            if path.parent.name == name:
                return self._read(path)
        hint = nearest(name, [template.name for template in templates])
        raise TemplateNotFound(f"there is no golden path {name[:80]!r}", hint=hint)

    def text(self, template: Template) -> str:
        """Its file as it is now: a run keeps this, so that a change meanwhile doesn't change the run."""
        return self._text(self.root / template.file)

    def _files(self) -> Iterator[Path]:
        yield from sorted((self.root / "templates").glob("*/template.yaml"))

    def _read(self, path: Path) -> Template:
        return read_template(self._text(path), path.relative_to(self.root).as_posix(), self._actions)

    def _text(self, path: Path) -> str:
        name = path.relative_to(self.root).as_posix()
        try:
            if path.stat().st_size > MAX_BYTES:
                raise InvalidInput(f"this file has more than {MAX_BYTES:,} bytes", file=name)
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidInput("this is not UTF-8 text", file=name) from None
        except OSError as error:
            raise InvalidInput(f"this cannot be read: {error.strerror}", file=name) from None
