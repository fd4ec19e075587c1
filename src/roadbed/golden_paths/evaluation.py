"""What a template's expressions see while it runs, and what follows from them for each step. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry

from roadbed.golden_paths.domain import Template, TemplateStep
from roadbed.golden_paths.driver import Action, Values
from roadbed.golden_paths.expressions import is_true, render_value
from roadbed.kit.errors import InvalidInput

EXAMPLE = "<example>"


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time that a step's action is called: once, or once for each item. `key` is the item's."""

    input: Mapping[str, Any]
    key: str | None = None


@dataclass(slots=True)
class Evaluation:
    """`outputs` are those of the steps so far, by their id."""

    template: Template
    parameters: Values
    user: Values
    run: str
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def occasions(self, step: TemplateStep) -> list[Occasion]:
        """Empty when the step's condition is false. Raises InvalidInput at the step's place."""
        try:
            return self._occasions(step)
        except InvalidInput as error:
            raise step.place.error(f"the step {step.id!r}: {error.message}", error.hint) from None

    def _occasions(self, step: TemplateStep) -> list[Occasion]:
        if step.each is None:
            context = self.context()
            return [self._occasion(step, context)] if self._holds(step, context) else []
        found = []
        for key, value in _items(render_value(step.each, self.context())):
            context = self.context() | {"each": {"key": key, "value": value}}
            if self._holds(step, context):
                found.append(self._occasion(step, context, key))
        return found

    def _holds(self, step: TemplateStep, context: Values) -> bool:
        return step.condition is None or is_true(render_value(step.condition, context))

    def _occasion(self, step: TemplateStep, context: Values, key: str | None = None) -> Occasion:
        return Occasion(render_value(step.input, context), key)

    def context(self) -> dict[str, Any]:
        return {
            "parameters": self.parameters,
            "steps": {id_: {"output": output} for id_, output in self.outputs.items()},
            "user": self.user,
            "secrets": {},
            "environment": {"parameters": {}, "secrets": {}},
            "context": {"task": {"id": self.run}},
        }

    def record(self, step: TemplateStep, outputs: Sequence[Mapping[str, Any]]) -> None:
        """With `each`, what the step put out becomes lists."""
        if step.each is None:
            self.outputs[step.id] = outputs[0] if outputs else {}
            return
        names = {name for output in outputs for name in output}
        self.outputs[step.id] = {name: [output.get(name) for output in outputs] for name in sorted(names)}

    def output(self) -> dict[str, Any]:
        """What the template gives when it is done. Links and texts whose `if` is false are left out."""
        rendered = {key: value for key, value in self.template.output.items() if key not in ("links", "text")}
        result: dict[str, Any] = render_value(rendered, self.context())
        for name in ("links", "text"):
            if name in self.template.output:
                result[name] = [self._shown(item) for item in self.template.output[name] if self._is_shown(item)]
        return result

    def _is_shown(self, item: Values) -> bool:
        return "if" not in item or is_true(render_value(item["if"], self.context()))

    def _shown(self, item: Values) -> Any:
        return render_value({key: value for key, value in item.items() if key != "if"}, self.context())


def check_input(step: TemplateStep, action: Action, values: Values) -> None:
    """Raises InvalidInput, at the step's place, for what the action doesn't take."""
    for error in Draft7Validator(action.schema, registry=Registry()).iter_errors(values):
        field_ = ".".join(["input", *(str(part) for part in error.absolute_path)])
        raise step.place.error(f"the step {step.id!r}: {field_} of {action.id}: {error.message[:300]}")


def examples(action: Action) -> dict[str, str]:
    """What stands in for the outputs of an action that a dry run skips."""
    return dict.fromkeys(action.outputs, EXAMPLE)


def _items(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    if isinstance(value, list):
        return [(str(index), item) for index, item in enumerate(value)]
    if value is None:
        return []
    raise InvalidInput(f"`each` takes a list or a map, not {type(value).__name__}")
