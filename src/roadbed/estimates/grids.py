"""What a kWh emits where, by the tables that come with codecarbon: its data is read, none of its code is run.

The mean of a country's electricity by year (Our World in Data, after Ember), of a region of Google's cloud by Google,
and the mean of the world (IEA). A region of AWS or Azure is taken for the country that it is in.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Protocol

import msgspec

from roadbed.estimates.packaged import content, installed
from roadbed.estimates.regions import AWS, AZURE
from roadbed.estimates.sheet import Grid
from roadbed.workload.reader import nearest

PACKAGE, WORLD = "codecarbon", "world"
_DATA = "codecarbon/data"
_LIKE, _SHORT = 0.65, 2
_CLOUDS: Mapping[str, Mapping[str, str]] = {"aws": AWS, "azure": AZURE}


class Grids(Protocol):
    """What is known of the electricity of places."""

    hint: str

    def grid(self, location: str) -> Grid | None:
        """None for a place that there is not; one without grams where nobody knows."""
        ...

    def meant(self, location: str) -> str | None:
        """A hint at what could be meant by a place that there is not; None where nothing is near."""
        ...


class _Country(msgspec.Struct, frozen=True):
    country_name: str
    year: int | None = None
    carbon_intensity: Decimal | None = None


class _Mean(msgspec.Struct, frozen=True):
    world_average: Decimal


@dataclass(frozen=True, slots=True)
class _Tables:
    version: str
    countries: Mapping[str, _Country]
    google: Mapping[str, Decimal]
    world: Decimal


class EnergyMix:
    """The tables of the installed package; they are read when a place is first asked for."""

    hint = "write a country's code of ISO 3166 (ESP), a region (aws/eu-west-1, azure/uksouth, gcp/us-east1) or world"

    @cached_property
    def _tables(self) -> _Tables:
        found = installed(PACKAGE)
        mix = msgspec.json.decode(
            content(found, f"{_DATA}/private_infra/global_energy_mix.json"), type=dict[str, _Country]
        )
        mean = msgspec.json.decode(
            content(found, f"{_DATA}/private_infra/carbon_intensity_per_source.json"), type=_Mean
        )
        rows = csv.DictReader(content(found, f"{_DATA}/cloud/impact.csv").decode("utf-8-sig").splitlines())
        return _Tables(found.version, mix, dict(_google(rows)), mean.world_average)

    def grid(self, location: str) -> Grid | None:
        tables = self._tables
        if location == WORLD:
            return Grid(tables.world, f"codecarbon {tables.version}: mean of the world, IEA 2019")
        cloud, _, region = location.partition("/")
        if cloud == "gcp" and region in tables.google:
            return Grid(tables.google[region], f"codecarbon {tables.version}: Google's figure for {region}")
        country = _CLOUDS.get(cloud, {}).get(region) if region else location
        return self._of_country(country) if country else None

    def _of_country(self, code: str) -> Grid | None:
        found = self._tables.countries.get(code)
        if found is None:
            return None
        if not found.carbon_intensity:
            return Grid(None, f"codecarbon has no figure for {found.country_name}")
        return Grid(
            found.carbon_intensity, f"codecarbon {self._tables.version}: {found.country_name}, mean of {found.year}"
        )

    def meant(self, location: str) -> str | None:
        """`Spain` and `esp` are `ESP`; of a cloud's regions, the nearest or all. Two letters are like too many."""
        cloud, separator, _ = location.partition("/")
        if separator:
            regions: Iterable[str] = self._tables.google if cloud == "gcp" else _CLOUDS.get(cloud, {})
            return nearest(location, [f"{cloud}/{region}" for region in regions] or ["aws/", "azure/", "gcp/"])
        codes = {one.country_name.casefold(): code for code, one in self._tables.countries.items()}
        codes |= {code.casefold(): code for code in (WORLD, *codes.values())}
        near = get_close_matches(location.casefold(), codes, n=1, cutoff=_LIKE) if len(location) > _SHORT else []
        return f"did you mean {codes[near[0]]!r}?" if near else None


def _google(rows: Iterable[Mapping[str, str]]) -> Iterable[tuple[str, Decimal]]:
    for row in rows:
        if row["provider"] == "gcp" and row["impact"]:
            yield row["region"], Decimal(row["impact"])
