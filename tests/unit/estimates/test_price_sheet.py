"""`prices.yaml`: what ships can be read, what is wrong in it is said at its place, environments say their own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import roadbed
from roadbed.estimates.grids import EnergyMix
from roadbed.estimates.machines import MachineTables
from roadbed.estimates.packaged import content, installed
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.reader import read_prices
from roadbed.estimates.registry import estimators
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.platform.repo import STARTER
from roadbed.sdk.usage import Amount
from unit.estimates.sheets import TEXT, Places, pricer

HEAD = "apiVersion: roadbed.dev/v1\nkind: Prices\ncurrency: EUR\nprices:\n"


def test_the_sheet_that_ships_prices_what_ships() -> None:
    text = (STARTER / "prices.yaml").read_text(encoding="utf-8")
    sheet = read_prices(text, ["dev", "staging", "prod"], EnergyMix()).of("prod")
    found = Pricer(sheet, estimators([]), MachineTables())
    service = {"memory_mb": 1024, "cpu_millis": 1000}
    assert found.estimate("runtime:Service", service).cost.amount == Amount.of("32.79525")
    assert not found.estimate("postgres:Database", {}).cost.gaps
    assert "Fargate" in sheet.prices["cpu"].source
    assert "2026-03-10" in sheet.prices["cpu"].source


@pytest.mark.parametrize(
    ("written", "place", "said"),
    [
        ("  cpu: {price: -1, per: core-hour, source: us, date: '2026-01-01'}", "5:16", "must not be negative: -1"),
        ("  cpu: {price: ten, per: core-hour, source: us, date: '2026-01-01'}", "5:16", "must be a number"),
        ("  cpu: {price: .inf, per: core-hour, source: us, date: '2026-01-01'}", "5:16", "must be a number"),
        ("  cpu: {price: 1e30, per: core-hour, source: us, date: '2026-01-01'}", "5:16", "must be a plain number"),
        ("  cpu: {price: true, per: core-hour, source: us, date: '2026-01-01'}", "5:16", "must be a number"),
        ("  cpu: {price: 1, source: us, date: '2026-01-01'}", "5:8", "prices.cpu.per is missing"),
        ("  cpu: {price: 1, per: GiB-hour, source: us, date: '2026-01-01'}", "5:24", "must be core-hour or core-month"),
        ("  memory: {price: 1, per: GiB, source: us, date: '2026-01-01'}", "5:27", "must be GiB-hour or GiB-month"),
        ("  cpu: {price: 1, per: core-hour, date: '2026-01-01'}", "5:8", "prices.cpu.source is missing"),
        ("  cpu: {price: 1, per: core-hour, source: us}", "5:8", "prices.cpu.date is missing"),
        ("  cpu: {price: 1, per: core-hour, source: us, date: last year}", "5:53", "has the wrong form: 'last year'"),
        ("  cpu: {price: 1, per: core-hour, source: us, date: '2026-02-30'}", "5:53", "is no day: 2026-02-30"),
        ("  cpus: {price: 1}", "5:3", "prices.cpus is not a known field"),
        ("location: SPN", "5:11", "there is no location 'SPN'"),
        ("energy: {pue: {ratio: 0.5, source: us, date: '2026-01-01'}}", "5:23", "must be from 1 to 10, not 0.5"),
        ("exchange: {USDD: {rate: 1}}", "5:12", "exchange.USDD is not a known field"),
        ("exchange: {USD: {rate: 0, source: us, date: '2026-01-01'}}", "5:12", "exchange.USD.rate must be more than 0"),
        ("types: {x:Y: {by: class, of: {}}}", "5:26", "types.x:Y.of has no value"),
        ("environments: {prd: {}}", "5:16", "there is no environment 'prd'"),
        ("environments: {prod: {currency: USD}}", "5:23", "environments.prod.currency is not a known field"),
        ("assume: {memory: 256}", "5:18", "must be bytes with a unit, not '256'"),
        ("types: {x:Y: {}}", "5:14", "types.x:Y says no price"),
        ("types: {x:Y: {month: 3}}", "5:14", "types.x:Y.source is missing"),
        ("types: {x:Y: {by: class, month: 3}}", "5:26", "can't stand beside `by`"),
        ("types: {x:Y: {month: 1, hour: 1, source: us, date: '2026-01-01'}}", "5:25", "has `month` and `hour`"),
        ("types: {x:Y: {storage: {property: size}}}", "5:24", "types.x:Y.storage.unit is missing"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(written: str, place: str, said: str) -> None:
    begin = HEAD if written.startswith("  ") else HEAD.replace("prices:\n", "prices: {}\n")
    with pytest.raises(InvalidInput) as caught:
        read_prices(begin + written + "\n", ["dev", "prod"], Places())
    problems = caught.value.problems or [caught.value.problem]
    told = [f"{problem.line}:{problem.column}: {problem.message}" for problem in problems]
    assert any(one.startswith(f"{place}: ") and said in one for one in told), told
    assert problems[0].file == "prices.yaml"


@pytest.mark.parametrize(
    ("currency", "hint"), [("EURO", "ISO 4217"), ("USX", "ISO 4217"), ("eur", "did you mean 'EUR'?"), ("XYZ", "")]
)
def test_a_currency_that_there_is_not(currency: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match=f"there is no currency '{currency}'") as caught:
        read_prices(TEXT.replace("EUR", currency), ["dev"], Places())
    problem = (caught.value.problems or [caught.value.problem])[0]
    assert hint in (problem.hint or "")
    assert problem.line == 4


@pytest.mark.parametrize(
    ("pattern", "hint"), [("postgres:Databse", "did you mean 'postgres:Database'?"), ("postgres:R*", "known here: ")]
)
def test_a_type_that_a_provider_which_is_here_does_not_have(pattern: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_prices(f"{TEXT}types: {{{pattern!r}: {{free: no}}}}", ["dev"], Places(), ["postgres:Database"])
    problem = (caught.value.problems or [caught.value.problem])[0]
    assert problem.message == f"types.{pattern}: there is no such resource type"
    assert (problem.hint or "").startswith(hint)


@pytest.mark.parametrize("pattern", ["postgres:*", "*", "post*", "acme:Queue"])
def test_a_type_that_there_is_or_may_be_elsewhere(pattern: str) -> None:
    text = f"{TEXT}types: {{{pattern!r}: {{free: it is ours}}}}"
    assert pattern in read_prices(text, ["dev"], Places(), ["postgres:Database"]).of("dev").types


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        *(("Spain", "'ESP'"), ("esp", "'ESP'"), ("Germny", "'DEU'"), ("World", "'world'")),
        *(("aws/eu-west1", "'aws/eu-west-1'"), ("ibm/x", "azure/"), ("ES", None), ("nowhere at all", None)),
    ],
)
def test_a_place_that_there_is_not(written: str, hint: str | None) -> None:
    told = EnergyMix().meant(written)
    assert told is None if hint is None else hint in (told or "")


def test_a_near_name_is_told() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_prices(TEXT + "environments: {prd: {}}", ["dev", "prod"], Places())
    assert (caught.value.problems or [caught.value.problem])[0].hint == "did you mean 'prod'?"


def test_prices_by_the_hour_and_in_other_units() -> None:
    text = TEXT.replace("{price: 10, per: core-month", "{price: 0.01, per: core-hour").replace(
        "{price: 4, per: GiB-month", "{price: 4, per: MiB-month"
    )
    sheet = read_prices(text, ["dev"], Places()).of("dev")
    assert sheet.prices["cpu"].amount == Decimal("7.30")
    assert sheet.prices["memory"].amount == Decimal(4096)


def test_an_environment_says_its_own_figure_by_figure() -> None:
    more = """
environments:
  prod:
    prices: {cpu: {price: 20, per: core-month, source: theirs, date: "2026-02-01"}}
    grid: {grams_per_kwh: 30, source: a contract for wind, date: "2026-02-01"}
"""
    dev, prod = pricer(more), pricer(more, "prod")
    service = {"memory_mb": 1024, "cpu_millis": 1000}
    assert dev.estimate("runtime:Service", service).cost.amount == Amount.of(14)
    assert prod.estimate("runtime:Service", service).cost.amount == Amount.of(24)
    assert prod.sheet.grid.grams == Decimal(30)
    assert dev.sheet.grid.grams == Decimal(200)


TYPES = """
types:
  acme:Queue: {month: 3.5, times: [least, most], source: us, date: "2026-01-31"}
  acme:Disk: {storage: {property: size_mb, unit: MiB, default: 512}, source: us, date: "2026-01-31"}
  acme:Plan:
    by: class
    of:
      small: {hour: 0.01, source: us, date: "2026-01-31"}
      large: {cpu: 500m, memory: "1Gi", source: us, date: "2026-01-31"}
  "acme:Free*": {free: part of the licence}
  s3:Bucket: {storage: "10Gi", source: us, date: "2026-01-31"}
"""


@pytest.mark.parametrize(
    ("type", "properties", "cost"),
    [
        ("acme:Queue", {"least": 1, "most": 3}, Amount.of("3.5", "10.5")),
        ("acme:Queue", {}, Amount.of("3.5")),
        ("acme:Disk", {"size_mb": 1024}, Amount.of("0.1")),
        ("acme:Disk", {"size_mb": "2Gi"}, Amount.of("0.2")),
        ("acme:Disk", {}, Amount.of("0.05")),
        ("acme:Plan", {"class": "small"}, Amount.of("7.3")),
        ("acme:Plan", {"class": "large"}, Amount.of("9")),
        ("acme:Plan", {"class": "huge"}, None),
        ("acme:Plan", {"class": {"$unknown": True}}, None),
        ("acme:Plan", {}, None),
        ("acme:FreeThing", {}, Amount.of(0)),
        ("s3:Bucket", {}, Amount.of("1.0")),
    ],
)
def test_the_platform_team_says_what_a_type_costs(
    type: str, properties: dict[str, object], cost: Amount | None
) -> None:
    found = pricer(TYPES).estimate(type, properties).cost
    assert found.amount == cost
    assert bool(found.gaps) == (cost is None)


def test_the_tables_know_countries_regions_and_machines() -> None:
    grids, machines = EnergyMix(), MachineTables()
    for place, grams in (("ESP", "174.05"), ("aws/eu-west-3", "56.039"), ("world", "475"), ("gcp/europe-north1", "46")):
        found = grids.grid(place)
        assert found is not None
        assert found.grams == Decimal(grams)
        assert found.source.startswith("codecarbon ")
    assert grids.grid("aws/mars-1") is None
    assert grids.grid("azure/uksouth") == grids.grid("GBR")
    assert "did you mean" not in grids.hint
    assert machines.price("aws", "t3.micro", "us-east-1") == Decimal("0.0104")
    assert machines.price("aws", "t3.micro", "eu-central-1") is None, "a zero in the table is a price that it lacks"
    assert machines.price("azure", "standardd2sv3", "westeurope") == Decimal("0.12")
    assert machines.source.startswith("apache-libcloud ")


def test_the_reference_shows_a_sheet_that_can_be_read() -> None:
    page = Path(roadbed.__file__).parents[2] / "docs" / "reference" / "prices-yaml.md"
    text = page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    prices = read_prices(text, ["dev", "prod"], EnergyMix())
    assert prices.of("prod").prices["cpu"].amount == Decimal("29.2")
    assert prices.of("dev").location == "ESP"


def test_a_package_that_is_not_there_is_told() -> None:
    with pytest.raises(NotFound, match="no-such-package is not installed"):
        installed("no-such-package")
    with pytest.raises(NotFound, match=r"has no libcloud/data/other\.json"):
        content(installed("apache-libcloud"), "libcloud/data/other.json")
