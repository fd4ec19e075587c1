"""Only a provider, or a runtime's controller keeping to the spec it was handed, changes the world.

An actuator is a module through which a runtime, the gateway or a backing service is changed. It may be imported by
other parts of itself, by another actuator beside it, by modules that are named `provider` or `controller`, and by the
composition root.
"""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class ActuatorsContract(Contract):
    actuators = fields.ListField(subfield=fields.StringField())
    hands = fields.ListField(subfield=fields.StringField())
    open_to = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (importer, module)
            for actuator in list(self.actuators)  # type: ignore[call-overload]  # fields are descriptors
            for module in graph.modules
            if _inside(module, actuator)
            for importer in graph.find_modules_that_directly_import(module)
            if not _inside(importer, actuator) and not self._beside(importer, actuator) and not self._may(importer)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": sorted(broken)})

    def _beside(self, importer: str, actuator: str) -> bool:
        others = list(self.actuators)  # type: ignore[call-overload]
        return any(_inside(importer, other) and _parent(other) == _parent(actuator) for other in others)

    def _may(self, importer: str) -> bool:
        hands, open_to = set(self.hands), list(self.open_to or [])  # type: ignore[arg-type, call-overload]
        return any(part in hands for part in importer.split(".")) or any(_inside(importer, one) for one in open_to)

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module in check.metadata["broken"]:
            output.print_error(f"{importer} reaches for {module}: only a provider or a controller may change the world")


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _parent(module: str) -> str:
    return module.rpartition(".")[0]
