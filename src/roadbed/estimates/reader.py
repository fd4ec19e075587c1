"""`prices.yaml` of the platform repo → the price sheet of each environment. Pure.

Every figure says whose it is (`source`) and of when (`date`). What is said of an environment goes before what is said
of all, figure by figure. See `docs/reference/prices-yaml.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatchcase

from roadbed.estimates.currencies import CURRENCIES
from roadbed.estimates.grids import Grids
from roadbed.estimates.numbers import Figures
from roadbed.estimates.rules import RuleReader
from roadbed.estimates.sheet import BYTES, HOURS, MEASURES, Grid, Price, Rule, Sheet
from roadbed.sdk.usage import GIB
from roadbed.workload.document import Mapping as MappingNode
from roadbed.workload.document import Node
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Fields, Reader, nearest

FILE, API_VERSION, KIND = "prices.yaml", "roadbed.dev/v1", "Prices"
SECTIONS = ("prices", "types", "energy", "location", "grid", "exchange", "assume")
FIELDS = ("apiVersion", "kind", "currency", *SECTIONS, "environments")

SPANS = {"hour": HOURS, "month": Decimal(1)}
BYTE_UNITS = {"GiB": Decimal(1), "GB": GIB / 10**9, "TiB": Decimal(1) / 1024, "TB": GIB / 10**12, "MiB": Decimal(1024)}
"""How many of each a GiB is."""
MOST_RATIO = Decimal(10)


@dataclass(frozen=True, slots=True)
class Prices:
    """The whole file: what holds everywhere, and in the environments of which it says something else."""

    everywhere: Sheet
    environments: Mapping[str, Sheet] = field(default_factory=dict)

    def of(self, environment: str) -> Sheet:
        return self.environments.get(environment, self.everywhere)


def read_prices(text: str, environments: Collection[str], grids: Grids, types: Collection[str] = ()) -> Prices:
    """`types` are the resource types that there are. Raises InvalidInput with everything that is wrong in it, each at
    its line and column, with the nearest name.
    """
    reader = Reader()
    fields = reader.section(parse_document(text, FILE), "", FIELDS, ("apiVersion", "kind", "currency", "prices"))
    fields.choice("apiVersion", (API_VERSION,), API_VERSION)
    fields.choice("kind", (KIND,), KIND)
    sections = _Sections(reader, grids, types)
    everywhere = sections.sheet(fields, Sheet(sections.currency(fields)))
    found = {}
    for name, node, path in fields.mapping("environments").items():
        if name not in environments:
            place = fields.mapping("environments").place(name)
            reader.report(place, f"{path}: there is no environment {name!r}", nearest(name, environments))
        found[name] = sections.sheet(reader.section(node, path, SECTIONS), everywhere)
    reader.findings.raise_if_any(FILE)
    return Prices(everywhere, found)


class _Sections:
    """The parts of the file, for all environments or for one."""

    def __init__(self, reader: Reader, grids: Grids, types: Collection[str]) -> None:
        self._reader, self._grids, self._known_types = reader, grids, types
        self._figures = Figures(reader)

    def currency(self, fields: Fields) -> str:
        named = fields.text("currency")
        if named and named not in CURRENCIES:
            meant = named.upper()
            hint = f"did you mean {meant!r}?" if meant in CURRENCIES else "write its code of ISO 4217: EUR, USD"
            self._reader.report(fields.get("currency").place, f"there is no currency {named!r}", hint)  # type: ignore[union-attr]  # it has text
        return named

    def sheet(self, fields: Fields, base: Sheet) -> Sheet:
        energy = fields.section("energy", (*MEASURES, "pue"))
        sheet = replace(
            base,
            prices={**base.prices, **self._prices(fields)},
            types={**base.types, **self._types(fields)},
            exchange={**base.exchange, **self._exchange(fields)},
            assumed={**base.assumed, **self._assumed(fields)},
            watts={**base.watts, **(self._watts(energy) if energy else {})},
        )
        if energy is not None and "pue" in energy:
            sheet = replace(sheet, pue=self._figures.figure(energy, "pue", "ratio", least=Decimal(1), most=MOST_RATIO))
        return self._somewhere(fields, sheet)

    def _prices(self, fields: Fields) -> dict[str, Price]:
        found = fields.section("prices", MEASURES)
        if found is None:
            return {}
        return {name: self._price(found, name) for name in MEASURES if name in found}

    def _price(self, fields: Fields, measure: str) -> Price:
        """`{price: 0.04, per: core-hour, source: …, date: …}` by the month, for a core or a GiB."""
        units = {"core": Decimal(1)} if measure == "cpu" else BYTE_UNITS
        allowed = [f"{unit}-{span}" for unit in units for span in SPANS]
        section = fields.section(measure, ("price", "per", "source", "date"), ("price", "per", "source", "date"))
        if section is None:
            return Price(Decimal(0), "")
        unit, _, span = section.choice("per", allowed, allowed[-1]).partition("-")
        price = self._figures.decimal(section, "price")
        return Price(price * units.get(unit, Decimal(1)) * SPANS.get(span, 1), self._figures.source(section))

    def _watts(self, energy: Fields) -> dict[str, Price]:
        """`{watts: 2.12, per: core, source: …, date: …}`: of one of a measure, while it is used as it mostly is."""
        found = {}
        for measure in (name for name in MEASURES if name in energy):
            units = ("core",) if measure == "cpu" else tuple(BYTE_UNITS)
            section = energy.section(measure, ("watts", "per", "source", "date"), ("watts", "per", "source", "date"))
            if section is not None:
                unit = section.choice("per", units, units[0])
                scale = BYTE_UNITS.get(unit, Decimal(1)) if measure in BYTES else Decimal(1)
                watts = self._figures.decimal(section, "watts") * scale
                found[measure] = Price(watts, self._figures.source(section))
        return found

    def _exchange(self, fields: Fields) -> dict[str, Price]:
        """`USD: {rate: 0.92, source: …, date: …}`: what one of it is in the sheet's currency."""
        section = fields.section("exchange", sorted(CURRENCIES))
        return {name: self._rate(section, name) for name, *_ in section.items()} if section else {}

    def _rate(self, fields: Fields, name: str) -> Price:
        found = self._figures.figure(fields, name, "rate")
        if not found.amount:
            self._reader.report(fields.place(name), f"{fields.path_of(name)}.rate must be more than 0")
        return found

    def _assumed(self, fields: Fields) -> dict[str, Decimal]:
        section = fields.section("assume", MEASURES)
        return RuleReader(self._reader).quantities(section) if section else {}

    def _types(self, fields: Fields) -> dict[str, Rule]:
        rules, named = RuleReader(self._reader), fields.mapping("types")
        for name in named.node.entries:
            self._check_type(named, name)
        return {name: rules.rule(node, path) for name, node, path in named.items()}

    def _check_type(self, fields: Fields, pattern: str) -> None:
        """Of a provider that is here. What others have may come with a package, or later."""
        provider = pattern.partition(":")[0]
        beside = [type_ for type_ in self._known_types if type_.startswith(f"{provider}:")]
        if beside and not any(fnmatchcase(type_, pattern) for type_ in beside):
            hint = nearest(pattern, beside)
            self._reader.report(
                fields.place(pattern), f"{fields.path_of(pattern)}: there is no such resource type", hint
            )

    def _somewhere(self, fields: Fields, sheet: Sheet) -> Sheet:
        """Whose electricity is meant: a place of the tables, or a figure of one's own."""
        if "location" in fields:
            location = fields.text("location")
            grid = self._grids.grid(location)
            if grid is None:
                hint = self._grids.meant(location) or self._grids.hint
                self._reader.report(_node(fields, "location").place, f"there is no location {location!r}", hint)
            else:
                sheet = replace(sheet, location=location, grid=grid)
        if "grid" in fields:
            figure = self._figures.figure(fields, "grid", "grams_per_kwh")
            sheet = replace(sheet, grid=Grid(figure.amount, figure.source))
        return sheet


def _node(fields: Fields, name: str) -> Node:
    return fields.get(name) or MappingNode(fields.node.place)
