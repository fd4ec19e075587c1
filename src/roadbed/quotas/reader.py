"""`quotas.yaml` of the platform repo. Pure.

apiVersion: roadbed.dev/v1
kind: Quotas
ask: "#platform"                 # who can raise a limit
unsaid: {memory: 256Mi, cpu: 250m, storage: 1Gi, cost: 10}
default:                         # what each team may have
  replicas: 50
  kinds:
    development: {memory: 8Gi, cpu: 4, resources: {"postgres:Database": 5}, budget: 200}
teams:
  payments:
    environments:
      prod: {replicas: 100, memory: unlimited}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from roadbed.kit.names import group_name, group_reference
from roadbed.kit.quantities import bytes_of, millis_of
from roadbed.quotas.domain import COST, MEASURES, MILLIONTHS, Allowances, Limit, Scoped
from roadbed.workload import document
from roadbed.workload.document import Node, Scalar
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields, Reader, nearest

FILE = "quotas.yaml"
API_VERSION, KIND = "roadbed.dev/v1", "Quotas"
UNLIMITED = "unlimited"

_MOST = 2**60
LONGEST_ASK = 200
BUDGET = "budget"
_LIMITS = (*MEASURES, "resources", BUDGET)
UNSAID = ("cpu", "memory", "storage", COST)
_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?")
_MONEY = re.compile(r"\d{1,12}(\.\d{1,6})?")


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(_MOST)) else None


def _bytes(text: str) -> int | None:
    """`8` is no amount of memory: whoever writes it hardly means eight bytes."""
    return None if _NUMBER.fullmatch(text) and float(text) else bytes_of(text)


def _money(text: str) -> int | None:
    return int(Decimal(text) * MILLIONTHS) if _MONEY.fullmatch(text) else None


_AMOUNTS: Mapping[str, tuple[Callable[[str], int | None], str]] = {
    "cpu": (millis_of, "cores: 8, 0.5 or 500m"),
    "memory": (_bytes, "bytes with a unit: 8Gi or 512Mi"),
    "storage": (_bytes, "bytes with a unit: 100Gi"),
    COST: (_money, "a number: by the month, in the currency of prices.yaml"),
}
_COUNTED: tuple[Callable[[str], int | None], str] = (_count, "a whole number")


@dataclass(frozen=True, slots=True)
class Known:
    """What the file may name: references of groups, environments, kinds of them, and resource types."""

    teams: Collection[str]
    environments: Collection[str]
    kinds: Collection[str]
    types: Collection[str]


def read_allowances(text: str, known: Known) -> Allowances:
    """Raises InvalidInput with everything that is wrong in it, each at its line, with the nearest name."""
    reader = _Reader(known)
    fields = reader.section(
        parse_document(text, FILE),
        "",
        ("apiVersion", "kind", "ask", "unsaid", "default", "teams"),
        ("apiVersion", "kind"),
    )
    fields.choice("apiVersion", (API_VERSION,), API_VERSION)
    fields.choice("kind", (KIND,), KIND)
    if len(ask := fields.text("ask")) > LONGEST_ASK:
        reader.report(fields.place("ask"), f"ask is longer than {LONGEST_ASK} characters")
    default = fields.get("default")
    found = Allowances(
        default=Scoped() if default is None else reader.scoped(default, "default"),
        teams=reader.teams(fields.mapping("teams")),
        unsaid=reader.unsaid(fields),
        ask=ask,
    )
    reader.findings.raise_if_any(FILE)
    return found


class _Reader(Reader):
    def __init__(self, known: Known) -> None:
        super().__init__()
        self._known = known

    def unsaid(self, fields: Fields) -> dict[str, int]:
        section = fields.section("unsaid", UNSAID)
        if section is None:
            return {}
        found = {name: self._amount(name, node, path, "") for name, node, path in section.items() if name in UNSAID}
        return {name: amount for name, amount in found.items() if amount is not None}

    def teams(self, fields: Fields) -> dict[str, Scoped]:
        found: dict[str, Scoped] = {}
        for name, node, path in fields.items():
            reference = group_reference(name)
            if reference not in self._known.teams:
                names = [group_name(each) for each in self._known.teams]
                hint = nearest(group_name(reference), names)
                self.report(fields.place(name), f"{path}: there is no team {name!r}", hint)
            if reference in found:
                self.report(fields.place(name), f"{path} is the same team as one before it", f"it is {reference}")
            found[reference] = self.scoped(node, path)
        return found

    def scoped(self, node: Node, path: str) -> Scoped:
        fields = self._fields(node, path, (*_LIMITS, "kinds", "environments"))
        return Scoped(
            self._limits(fields),
            self._below(fields, "kinds", self._known.kinds),
            self._below(fields, "environments", self._known.environments),
        )

    def _below(self, fields: Fields, where: str, known: Collection[str]) -> dict[str, Mapping[str, Limit]]:
        found: dict[str, Mapping[str, Limit]] = {}
        section = fields.mapping(where)
        for name, node, path in section.items():
            if name not in known:
                self.report(section.place(name), f"{path}: there is no {where[:-1]} {name!r}", nearest(name, known))
            found[name] = self._limits(self._fields(node, path, _LIMITS))
        return found

    def _fields(self, node: Node, path: str, known: Collection[str]) -> Fields:
        """`default:` with nothing after it says nothing."""
        if isinstance(node, Scalar) and node.value is None:
            return Fields(self, document.Mapping(node.place), path)
        return self.section(node, path, known)

    def _limits(self, fields: Fields) -> dict[str, Limit]:
        found: dict[str, Limit] = {}
        for name, node, path in fields.items():
            if name in MEASURES:
                found[name] = Limit(name, self._most(name, node, path), fields.place(name))
            elif name == BUDGET:
                found[COST] = Limit(COST, self._most(COST, node, path), fields.place(name))
        counted = fields.mapping("resources")
        for pattern, node, path in counted.items():
            self._check_type(pattern, counted, path)
            found[pattern] = Limit(pattern, self._most(pattern, node, path), counted.place(pattern))
        return found

    def _check_type(self, pattern: str, fields: Fields, path: str) -> None:
        if not any(fnmatchcase(type_, pattern) for type_ in self._known.types):
            hint = nearest(pattern, self._known.types)
            self.report(fields.place(pattern), f"{path}: there is no resource type {pattern!r}", hint)

    def _most(self, of: str, node: Node, path: str) -> int | None:
        """None lifts a limit."""
        if isinstance(node, Scalar) and node.value == UNLIMITED:
            return None
        return self._amount(of, node, path, f", or `{UNLIMITED}`")

    def _amount(self, of: str, node: Node, path: str, otherwise: str) -> int | None:
        read, rule = _AMOUNTS.get(of, _COUNTED)
        number = isinstance(node, Scalar) and not isinstance(node.value, bool) and node.value is not None
        amount = read(node.text) if number and isinstance(node, Scalar) else None
        if amount is None or amount > _MOST:
            said = repr(node.text) if isinstance(node, Scalar) else "a list or a mapping"
            self.report(node.place, f"{path} is no amount: {said}", f"write {rule}{otherwise}")
        return amount
