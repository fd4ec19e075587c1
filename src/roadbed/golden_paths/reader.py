"""Reads templates, in Backstage's `scaffolder.backstage.io/v1beta3` format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError

from roadbed.catalog.checks import check_entity, is_empty
from roadbed.golden_paths.domain import Template, TemplateStep
from roadbed.golden_paths.expressions import check_syntax
from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Node, Sequence, plain
from roadbed.workload.parsing import parse_documents
from roadbed.workload.reader import Fields, Reader, nearest

_STEP_FIELDS = ("id", "name", "action", "input", "if", "each")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_MAX_STEPS = 100


def read_template(text: str, file: str, actions: Mapping[str, str]) -> Template:
    """`actions` are those that there are: id → title. Raises InvalidInput with everything that is wrong."""
    documents = [node for node in parse_documents(text, file) if not is_empty(node)]
    if len(documents) != 1:
        raise InvalidInput(f"a template's file holds one template, not {len(documents)} documents", file=file)
    entity = check_entity(documents[0])
    if entity.kind != "Template":
        raise InvalidInput(f"this is a {entity.kind} and no Template", file=file, line=entity.line)
    reader = _TemplateReader(actions)
    spec = reader.mapping(documents[0], "").mapping("spec")
    template = Template(
        entity=entity,
        pages=reader.pages(spec),
        steps=reader.steps(spec),
        output=reader.output(spec),
        file=file,
    )
    reader.findings.raise_if_any(file)
    return template


class _TemplateReader(Reader):
    def __init__(self, actions: Mapping[str, str]) -> None:
        super().__init__()
        self._actions = actions

    def pages(self, spec: Fields) -> tuple[dict[str, Any], ...]:
        if "secrets" in spec:
            self.report(spec.place("secrets"), "spec.secrets is not supported: a golden path asks for no secret")
        node = spec.get("parameters")
        if node is None:
            return ()
        nodes = node.items if isinstance(node, Sequence) else [node]
        return tuple(self._page(item, f"spec.parameters[{index}]") for index, item in enumerate(nodes))

    def _page(self, node: Node, path: str) -> dict[str, Any]:
        self.mapping(node, path)
        page = plain(node)
        try:
            Draft7Validator.check_schema(page)
        except SchemaError as error:
            place = ".".join(map(str, error.absolute_path))
            self.report(node.place, f"{path} is no JSON Schema: {place or 'it'}: {error.message}")
        return page if isinstance(page, dict) else {}

    def steps(self, spec: Fields) -> tuple[TemplateStep, ...]:
        node = spec.get("steps")
        found = self.sequence(node, "spec.steps") if node is not None else []
        if len(found) > _MAX_STEPS:
            self.report(spec.place("steps"), f"spec.steps has {len(found)} steps; at most {_MAX_STEPS} are run")
        steps = [self._step(item, path, number) for number, (item, path) in enumerate(found[:_MAX_STEPS], 1)]
        seen: set[str] = set()
        for step in steps:
            if step.id in seen:
                self.report(step.place, f"there are two steps with the id {step.id!r}")
            seen.add(step.id)
        return tuple(steps)

    def _step(self, node: Node, path: str, number: int) -> TemplateStep:
        fields = self.section(node, path, _STEP_FIELDS, ("action",))
        action = fields.text("action")
        if action and action not in self._actions:
            self.report(fields.place("action"), f"there is no action {action!r}", nearest(action, self._actions))
        id_ = fields.matching("id", _ID, "letters, digits, '-' and '_', beginning with a letter")
        for name in ("input", "if", "each"):
            self._expressions(fields, name)
        return TemplateStep(
            id=id_ or f"step-{number}",
            name=fields.text("name") or self._actions.get(action, action),
            action=action,
            input=plain(fields.mapping("input").node),
            condition=_value(fields, "if"),
            each=_value(fields, "each"),
            place=fields.node.place,
        )

    def output(self, spec: Fields) -> dict[str, Any]:
        fields = spec.mapping("output")
        self._expressions(spec, "output")
        for name in ("links", "text"):
            for item, path in self.sequence(fields.node.entries[name], f"spec.output.{name}") if name in fields else []:
                self.mapping(item, path)
        found = plain(fields.node)
        return found if isinstance(found, dict) else {}

    def _expressions(self, fields: Fields, name: str) -> None:
        """Reports the first text below the field whose expressions can't be parsed."""
        if name not in fields:
            return
        try:
            check_syntax(plain(fields.node.entries[name]))
        except InvalidInput as error:
            self.report(fields.place(name), f"{fields.path_of(name)}: {error.message}")


def _value(fields: Fields, name: str) -> Any:
    node = fields.get(name)
    return None if node is None else plain(node)
