"""A price sheet with figures that are easy to multiply, and tables that know one place and two machines."""

from __future__ import annotations

from decimal import Decimal

from roadbed.estimates.estimators import clouds, platform
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.reader import read_prices
from roadbed.estimates.registry import Estimators
from roadbed.estimates.sheet import Grid

TEXT = """
apiVersion: roadbed.dev/v1
kind: Prices
currency: EUR
prices:
  cpu: {price: 10, per: core-month, source: ours, date: "2026-01-31"}
  memory: {price: 4, per: GiB-month, source: ours, date: "2026-01-31"}
  storage: {price: 0.1, per: GiB-month, source: ours, date: "2026-01-31"}
energy:
  cpu: {watts: 2, per: core, source: ours, date: "2026-01-31"}
  memory: {watts: 0.5, per: GiB, source: ours, date: "2026-01-31"}
  storage: {watts: 0.001, per: GiB, source: ours, date: "2026-01-31"}
  pue: {ratio: 1.5, source: ours, date: "2026-01-31"}
location: ESP
"""


class Places:
    """Spain emits 200 g by the kWh; nobody knows what Atlantis does."""

    hint = "write a country"

    def grid(self, location: str) -> Grid | None:
        return {"ESP": Grid(Decimal(200), "the tables"), "ATL": Grid(None, "nobody knows of Atlantis")}.get(location)

    def meant(self, location: str) -> str | None:
        return "did you mean 'ESP'?" if location == "Spain" else None


class Machines:
    source = "the tables, 2026-01-31"

    def price(self, cloud: str, machine: str, region: str) -> Decimal | None:
        return {("aws", "t3.small", "eu-west-1"): Decimal("0.02")}.get((cloud, machine, region))

    def size(self, cloud: str, machine: str) -> tuple[Decimal, Decimal] | None:
        return {"t3.small": (Decimal(2), Decimal(2))}.get(machine)


def pricer(more: str = "", environment: str = "dev") -> Pricer:
    """With the sheet above and what `more` says beside."""
    prices = read_prices(TEXT + more, ["dev", "prod"], Places())
    return Pricer(prices.of(environment), Estimators(platform.ESTIMATORS, clouds.ESTIMATORS), Machines())
