"""What resources of each type cost, by table."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.estimates.estimators import platform
from roadbed.estimates.grids import EnergyMix
from roadbed.estimates.reader import read_prices
from roadbed.platform.repo import STARTER
from roadbed.sdk.usage import Amount
from type_pages import every_type
from unit.estimates.sheets import pricer

UNKNOWN = {"$unknown": True}
SERVICE = {"workload": "web", "memory_mb": 512, "cpu_millis": 250}


@pytest.mark.parametrize(
    ("type", "properties", "low", "high"),
    [
        ("runtime:Service", SERVICE, "4.5", "4.5"),
        ("runtime:Service", {**SERVICE, "replicas": 3}, "13.5", "13.5"),
        ("runtime:Service", {**SERVICE, "replicas": 0}, "0", "0"),
        ("runtime:Service", {**SERVICE, "requests": {"memory_mb": 1024}}, "6.5", "6.5"),
        ("runtime:Service", {**SERVICE, "containers": {"log": {"memory_mb": 256, "cpu_millis": 100}}}, "6.5", "6.5"),
        ("runtime:Volume", {"size": "10Gi"}, "1.0", "1.0"),
        ("runtime:Volume", {"size": 1024**3}, "0.1", "0.1"),
        ("redis:Database", {}, "0.5125", "0.5125"),
        ("redis:Database", {"max_memory_mb": 1024, "persistent": False}, "4", "4"),
        ("nats:Account", {}, "0.1", "0.1"),
        ("AWS::EC2::Volume", {"Size": 20}, "2.0", "2.0"),
        ("Microsoft.Compute/disks@2024-03-02", {"properties": {"diskSizeGB": 30}}, "3.0", "3.0"),
    ],
)
def test_what_it_costs_by_the_month(type: str, properties: dict[str, Any], low: str, high: str) -> None:
    estimate = pricer().estimate(type, properties)
    assert estimate.cost.amount == Amount.of(low, high)
    assert not estimate.cost.gaps
    assert not estimate.free


@pytest.mark.parametrize(
    ("type", "properties", "known", "why"),
    [
        ("runtime:Service", {"memory_mb": 512}, "2", "`resources.requests` say no cpu"),
        ("runtime:Service", {}, None, "`resources.requests` say no cpu"),
        ("runtime:Service", {**SERVICE, "replicas": UNKNOWN}, None, "its replicas is known only after apply"),
        ("runtime:Service", {**SERVICE, "memory_mb": {"$secret": "x"}}, "2.5", "its memory_mb is known only after"),
        ("runtime:Service", {**SERVICE, "memory_mb": "much"}, "2.5", "its memory_mb is nothing that can be counted"),
        ("runtime:Volume", {}, None, "how much it will hold is not said"),
        ("runtime:Volume", {"size": UNKNOWN}, None, "its size is known only after apply"),
        ("s3:Bucket", {}, None, "how much it will hold is not known"),
        ("postgres:Database", {}, None, "prices.yaml has no price for postgres:Database"),
        ("postgres:Role", {"create_databases": True}, None, "which databases it will make"),
        ("command:Resource", {}, None, "known to nobody else"),
        ("acme:Queue", {}, None, "prices.yaml has no price for acme:Queue"),
        ("AWS::RDS::DBInstance", {"AllocatedStorage": 20}, None, "no price for AWS::RDS::DBInstance"),
        ("AWS::EC2::Instance", {"InstanceType": "t3.small"}, None, "which region t3.small is in is not said"),
        ("AWS::EC2::Instance", {"InstanceType": UNKNOWN}, None, "its InstanceType is known only after apply"),
        ("AWS::EC2::Instance", {}, None, "it says no InstanceType"),
    ],
)
def test_what_is_not_known_says_why(type: str, properties: dict[str, Any], known: str | None, why: str) -> None:
    cost = pricer().estimate(type, properties).cost
    assert cost.amount == (None if known is None else Amount.of(known))
    assert why in " ".join(gap.why for gap in cost.gaps)


def test_a_machine_of_a_cloud_has_the_price_of_its_region_in_the_sheets_currency() -> None:
    machine = {"InstanceType": "t3.small", "AvailabilityZone": "eu-west-1b"}
    assert "what USD is in EUR is not said" in pricer().estimate("AWS::EC2::Instance", machine).cost.gaps[0].why
    exchange = 'exchange: {USD: {rate: 0.5, source: a bank, date: "2026-01-31"}}'
    estimate = pricer(exchange).estimate("aws:AWS::EC2::Instance", machine)
    assert estimate.cost.amount == Amount.of("7.3")
    assert estimate.energy.amount == Amount.of("5.475")


def test_what_scales_by_itself_costs_from_its_least_to_its_most() -> None:
    exchange = 'exchange: {USD: {rate: 1, source: a bank, date: "2026-01-31"}}\n'
    group = {"InstanceTypes": ["t3.small"], "ScalingConfig": {"MinSize": 1, "MaxSize": 4}}
    found = pricer(exchange).usage("AWS::EKS::Nodegroup", group)
    assert found.quantities == {"aws/t3.small": Amount.of(1, 4)}


def test_a_price_that_nobody_filled_in_is_no_price() -> None:
    machine = {"InstanceType": "t3.small", "AvailabilityZone": "eu-west-9a"}
    assert (
        "there is no price for t3.small in eu-west-9"
        in pricer().estimate("AWS::EC2::Instance", machine).cost.gaps[0].why
    )


def test_energy_and_carbon_follow_from_what_is_asked_for() -> None:
    """(0.25 cores × 2 W + 0.5 GiB × 0.5 W) × 730 h × 1.5 = 0.82125 kWh, of 200 g each."""
    estimate = pricer().estimate("runtime:Service", SERVICE)
    assert estimate.energy.amount == Amount.of("0.82125")
    assert estimate.carbon.amount == Amount.of("0.16425")


def test_without_a_place_the_energy_is_known_and_the_carbon_is_not() -> None:
    estimate = (
        pricer()
        .__class__(pricer("environments: {dev: {location: ATL}}").sheet, platform.ESTIMATORS, pricer().machines)
        .estimate("runtime:Service", SERVICE)
    )
    assert estimate.energy.amount is not None
    assert estimate.carbon.amount is None
    assert estimate.carbon.gaps[0].why == "nobody knows of Atlantis"


def test_what_is_assumed_stands_for_what_is_not_requested() -> None:
    estimate = pricer("assume: {cpu: 500m}").estimate("runtime:Service", {"memory_mb": 1024, "replicas": 2})
    assert estimate.cost.amount == Amount.of("18")
    assert not estimate.cost.gaps
    assert estimate.basis == ("2 GiB × 4 = 8", "1 core (assumed) × 10 = 10")


def test_what_is_free_says_why() -> None:
    for name in ("core:Data", "gateway:Route", "postgres:Role", "runtime:Job", "random:Password"):
        estimate = pricer().estimate(name, {})
        assert estimate.free
        assert estimate.cost.amount == Amount.of(0)


def test_an_estimator_that_fails_tells_nothing_and_says_so() -> None:
    def broken(properties: Any) -> Any:
        raise KeyError(properties)

    found = pricer()
    estimate = found.__class__(found.sheet, {"acme:Queue": broken}, found.machines).estimate("acme:Queue", {})
    assert estimate.cost.amount is None
    assert estimate.cost.gaps[0].why == "the estimator of acme:Queue failed: KeyError"


def test_every_type_that_ships_is_decided() -> None:
    """Priced, free, or said not to be known: by its estimator, or by the sheet that ships."""
    sheet = (STARTER / "prices.yaml").read_text(encoding="utf-8")
    rules = read_prices(sheet, ["dev"], EnergyMix()).of("dev").types
    assert not set(every_type()) - {*rules, *platform.ESTIMATORS}
