"""What the machines of clouds cost and have, by the tables that come with apache-libcloud: its data is read, none of
its code is run but the table of EC2's machines, which is a Python file of nothing but a literal.

Linux, on demand, in USD an hour. A price of zero in the table is a price that nobody has filled in: it is not known.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

import msgspec

from roadbed.estimates.packaged import content, installed

PACKAGE = "apache-libcloud"
_PRICES, _SIZES = "libcloud/data/pricing.json", "libcloud/compute/constants/ec2_instance_types.py"
_MIB = 1024


class _Compute(msgspec.Struct, frozen=True):
    ec2_linux: dict[str, dict[str, Decimal]]
    azure_linux: dict[str, dict[str, Decimal]]


class _File(msgspec.Struct, frozen=True):
    compute: _Compute
    updated: int


@dataclass(frozen=True, slots=True)
class _Tables:
    prices: Mapping[str, Mapping[str, Mapping[str, Decimal]]]
    updated: datetime


class MachineTables:
    """They are read when a machine is first asked for: 4 MB."""

    @cached_property
    def _tables(self) -> _Tables:
        found = msgspec.json.decode(content(installed(PACKAGE), _PRICES), type=_File)
        prices = {"aws": found.compute.ec2_linux, "azure": found.compute.azure_linux}
        return _Tables(prices, datetime.fromtimestamp(found.updated, UTC))

    @cached_property
    def _sizes(self) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Cores and GiB by name, of EC2's."""
        tree = ast.parse(content(installed(PACKAGE), _SIZES))
        table = next(node.value for node in tree.body if isinstance(node, ast.Assign))
        return {
            name: (Decimal(one["extra"]["vcpu"]), Decimal(one["ram"]) / _MIB)
            for name, one in ast.literal_eval(table).items()
            if str(one["extra"].get("vcpu", "")).isdecimal() and one.get("ram")
        }

    @property
    def source(self) -> str:
        version = installed(PACKAGE).version
        return f"apache-libcloud {version}, Linux on demand, {self._tables.updated:%Y-%m-%d}"

    def price(self, cloud: str, machine: str, region: str) -> Decimal | None:
        return self._tables.prices.get(cloud, {}).get(machine, {}).get(region) or None

    def size(self, cloud: str, machine: str) -> tuple[Decimal, Decimal] | None:
        return self._sizes.get(machine) if cloud == "aws" else None
