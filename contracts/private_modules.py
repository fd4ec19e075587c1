"""A capability's private modules are imported only from inside that capability."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateModulesContract(Contract):
    """`private_names` are module names directly below a capability; `open_to` may import them all the same."""

    root = fields.StringField()
    private_names = fields.ListField(subfield=fields.StringField())
    open_to = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        allowed = [str(module) for module in (self.open_to or [])]  # type: ignore[union-attr]  # fields are descriptors
        broken = [
            (importer, module)
            for module in graph.modules
            if self._is_private(module)
            for importer in graph.find_modules_that_directly_import(module)
            if not _inside(importer, ".".join(module.split(".")[:2]))
            and not any(_inside(importer, one) for one in allowed)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": sorted(broken)})

    def _is_private(self, module: str) -> bool:
        parts = module.split(".")
        return len(parts) > 2 and parts[0] == self.root and parts[2] in set(self.private_names)  # type: ignore[arg-type]

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module in check.metadata["broken"]:
            output.print_error(f"{importer} reaches into {module}, which is private to its capability")


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
