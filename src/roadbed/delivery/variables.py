"""The variables of a workload's containers, in layers. Pure.

From the lowest to the highest; the highest that has a name says its value:

1. `platform`: what Roadbed tells every replica, `ROADBED_…`;
2. `environment`: the environment's own, from `environments.yaml` of the platform repo;
3. `resource`: outputs of the resources of the application as a whole, as `<NAME>_<OUTPUT>`, and under the names that
   programs look for (`DATABASE_URL`);
4. `score`: the container's own, from its Score file with its overrides;
5. `application`: `environments.<name>.variables` of `roadbed.yaml`;
6. `config`: what an operator set with `roadbed config`, the secret ones included.

Over all of them lies `start`: what the runtime tells a replica when it starts (see `at_start`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from roadbed.delivery.expansion import ENVIRONMENT, MISSING, OutputNodes, Outputs, as_part, expand_text
from roadbed.delivery.priming import primed
from roadbed.delivery.surroundings import Surroundings
from roadbed.detection.conventions import conventional_variables, url_variable
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.document import Place
from roadbed.workload.domain import Container, Text, Workload, WorkloadResource
from roadbed.workload.placeholders import parse

Layer: TypeAlias = Literal["platform", "environment", "resource", "score", "application", "config", "start"]
_NOT_IN_NAMES = re.compile(r"[^A-Z0-9_]")


@dataclass(frozen=True, slots=True)
class Given:
    """What one layer says of a variable: text or an expression of the graph document.

    `written` is the text with its placeholders. Where it is the `output` of a resource of the application as a whole,
    which nobody wrote, that is the placeholder that stands for it; `uid` is that resource. `left_out`: it is nothing
    but a variable that the environment lacks, and so is no layer's word.
    """

    name: str
    value: Any
    layer: Layer
    place: Place | None = None
    written: str | None = None
    uid: str | None = None
    output: str | None = None
    left_out: bool = False


class Variables:
    """Gives the variables of an application's containers in one environment.

    `outputs` are those of all resources, by UID.
    """

    def __init__(
        self, source: ApplicationSource, around: Surroundings, outputs: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._source, self._around, self._outputs = source, around, outputs

    def of(self, workload: Workload, container: Container) -> dict[str, Any]:
        """What the replicas of this container see."""
        return {given.name: given.value for given in self.layers(workload, container)}

    def layers(self, workload: Workload, container: Container) -> Iterator[Given]:
        """Every layer's word on every variable, the lowest layer first."""
        around = self._around
        yield from (Given(name, value, "platform") for name, value in _own(around, workload).items())
        yield from (Given(name, value, "environment") for name, value in around.variables.items())
        yield from self._resources(workload)
        for texts, holder, layer in self._texts(workload, container):
            yield from self._written(texts, holder, layer)
        yield from (Given(name, value, "config") for name, value in around.settings.config.items())
        yield from (Given(name, {"$secret": stored}, "config") for name, stored in around.settings.secrets.items())

    def left_out(self, workload: Workload, container: Container) -> Iterator[Given]:
        """What files say that comes to nothing."""
        for texts, holder, layer in self._texts(workload, container):
            outputs = Outputs(holder, self._outputs, lenient=True)
            for name, text in texts.items():
                if expand_text(text, holder, outputs) is MISSING:
                    yield Given(name, None, layer, text.place, written=text.value, left_out=True)

    def _texts(
        self, workload: Workload, container: Container
    ) -> tuple[tuple[Mapping[str, Text], Workload, Layer], ...]:
        own: tuple[Mapping[str, Text], Workload, Layer] = (container.variables, workload, "score")
        return own, (self._source.variables, self._source.common, "application")

    def _resources(self, workload: Workload) -> Iterator[Given]:
        """Of several of one type the first has the names that programs look for: a second one changes nothing of it."""
        attached = {name: one for name, one in self._source.common.resources.items() if one.reaches(workload.name)}
        for name, resource in reversed(attached.items()):
            yield from self._conventional(resource, conventional_variables(name, resource.type))
        for name, resource in attached.items():
            yield from self._conventional(resource, url_variable(name, resource.type, prefix_of(resource)))
            uid = resource.uid("")
            for output, value in self._outputs[uid].items():
                written = f"${{resources.{name}.{output}}}"
                variable = variable_name(prefix_of(resource), output)
                yield Given(variable, _text(value), "resource", resource.place, written, uid, output)

    def _conventional(self, resource: WorkloadResource, texts: Mapping[str, str]) -> Iterator[Given]:
        """A platform's own provisioner of a type may leave out what Roadbed's promise: then so is the variable."""
        outputs, there = Outputs(self._source.common, self._outputs), self._outputs[resource.uid("")]
        for variable, text in texts.items():
            written = parse(text, resource.place)
            if all(".".join(each.path[1:]) in there for each in written.references):
                value = expand_text(Text(text, resource.place), self._source.common, outputs)
                yield Given(variable, _text(value), "resource", resource.place, text)

    def _written(self, texts: Mapping[str, Text], holder: Workload, layer: Layer) -> Iterator[Given]:
        outputs = Outputs(holder, self._outputs, lenient=True)
        for name, text in texts.items():
            value = expand_text(text, holder, outputs)
            if value is not MISSING:
                yield Given(name, _text(value), layer, text.place, written=text.value)


def declared_variables(source: ApplicationSource, around: Surroundings) -> dict[str, str]:
    """What files say of the environment's variables: what a resource of type `environment` gives to params.

    A variable that holds an output of another resource is left out: resources are asked for before there are outputs.
    """
    common = source.common
    own = {
        name: expand_text(text, common, OutputNodes(common))
        for name, text in source.variables.items()
        if all(each.root == "metadata" for each in parse(text.value, text.place).references)
    }
    return {**around.variables, **own}


def with_settings(
    outputs: Mapping[str, Mapping[str, Any]], source: ApplicationSource, around: Surroundings
) -> dict[str, Mapping[str, Any]]:
    """The outputs of all resources. Those of type `environment` give what files say of the environment's variables,
    placeholders and all, and over it what an operator set.
    """
    settings = around.settings
    looked_up = Outputs(source.common, outputs, lenient=True)
    written = {name: expand_text(text, source.common, looked_up) for name, text in source.variables.items()}
    given = {
        **{name: _text(value) for name, value in written.items() if value is not MISSING},
        **settings.config,
        **{name: {"$secret": stored} for name, stored in settings.secrets.items()},
    }
    wanted = [one.uid for one in primed(source).values() if one.resource.type == ENVIRONMENT]
    return {**outputs, **{uid: {**outputs[uid], **given} for uid in wanted}}


def prefix_of(resource: WorkloadResource) -> str:
    return resource.prefix or resource.name


def variable_name(prefix: str, output: str) -> str:
    """`exports` and `access_key_id` are `EXPORTS_ACCESS_KEY_ID`."""
    return _NOT_IN_NAMES.sub("_", f"{prefix}_{output}".upper())


def _own(around: Surroundings, workload: Workload) -> dict[str, str]:
    return {
        "ROADBED_APPLICATION": around.stack.owner,
        "ROADBED_ENVIRONMENT": around.stack.environment,
        "ROADBED_WORKLOAD": workload.name,
    }


def _text(value: Any) -> Any:
    """A variable is text, also where it is a reference to a number."""
    part = as_part(value)
    return part if isinstance(part, str) or "$join" in part else {"$join": [part]}
