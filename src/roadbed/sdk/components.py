"""Components: resources made of resources."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NoReturn

from roadbed.sdk import graph, markers, options
from roadbed.sdk.aliases import earlier, places
from roadbed.sdk.declaring import check_provider, dependencies
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.options import Alias
from roadbed.sdk.program import Declared, Scope, current, enter, place, scope, within


class Component(Declared):
    """Resources that belong together, with inputs and outputs of their own.

        class Network(Component):
            def __init__(self, name: str, *, cidr: str, **options: Unpack[ComponentOptions]) -> None:
                super().__init__("acme:Network", name, inputs={"cidr": cidr}, **options)
                with self:
                    vpc = Resource("aws:Vpc", "vpc", cidr=cidr)
                self.outputs(vpc_id=vpc.id)


        Network("main", cidr="10.0.0.0/16").vpc_id

    What is declared inside `with self:` stands below its path and inherits its options. Its outputs are read as
    attributes, or as `network["vpc_id"]`: they are the very values that were given.
    """

    def __init__(
        self,
        type: str,
        name: str,
        /,
        *,
        inputs: Mapping[str, Any] | None = None,
        depends_on: Sequence[Declared] | None = None,
        protect: bool | None = None,
        retain_on_delete: bool | None = None,
        provider: Declared | None = None,
        aliases: Sequence[Alias | str] | None = None,
        **unknown: Any,
    ) -> None:
        for option in unknown:
            raise ProgramError(f"a component has no option {option!r}", "give it to the resources that it holds")
        graph.check_type(type)
        graph.check_name(name, type)
        program, around = current(f"{type} {name!r} is declared"), scope()
        self.urn = graph.urn(program.stack, around.paths[0], name, type)
        own = dependencies(depends_on)
        self._open = ExitStack()
        self._given: dict[str, Any] = {}
        self._entry: dict[str, Any] = {
            "urn": self.urn,
            "type": type,
            "name": name,
            "kind": "component",
            "properties": {"inputs": graph.properties(inputs or {}, self.urn), "outputs": {}},
            "depends_on": [*around.depends_on, *own],
            "source": place(self),
        }
        if found := earlier(aliases, self._entry, program.stack, around.paths):
            self._entry["options"] = {"aliases": found}
        paths = ((*path, named) for path, named, _ in places(aliases, name, type, program.stack, around.paths))
        self._scope = Scope(
            paths=tuple(dict.fromkeys(paths)),
            depends_on=(*around.depends_on, *own),
            protect=around.protect if protect is None else options.flag(protect, "protect"),
            retain_on_delete=around.retain_on_delete
            if retain_on_delete is None
            else options.flag(retain_on_delete, "retain_on_delete"),
            provider=around.provider if provider is None else check_provider(provider),
            holds=self._entry["depends_on"],
        )
        enter(program, self._entry, around)

    def __enter__(self) -> Component:
        self._open.enter_context(within(self._scope))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def outputs(self, **values: Any) -> None:
        """Declares what it gives, by name."""
        said = self._entry["properties"]["outputs"]
        for name, value in values.items():
            if name in self._given:
                raise ProgramError(f"the output {name!r} of {self.urn} is declared twice")
            said[name] = graph.encode(value, name)
            self._given[name] = value

    def __getitem__(self, output: str) -> Any:
        return self._given[output] if output in self._given else self._missing(output)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "urn":
            raise AttributeError(name)
        return self[name]

    def _missing(self, output: str) -> NoReturn:
        near = difflib.get_close_matches(str(output), self._given, 1)
        there = ", ".join(self._given) or "none: it declares them by self.outputs(…)"
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {there}"
        raise ProgramError(f"{self.urn} has no output {output!r}", hint)

    def __repr__(self) -> str:
        return markers.told(self.urn)


def outputs_of(component: Component) -> dict[str, Any]:
    """All that it gives, by name."""
    return dict(component._given)
