"""What is said of outputs that a type doesn't promise."""

from __future__ import annotations

import pytest

from roadbed.sdk.contracts import CONTRACTS, Contract

CONTRACT = Contract("A thing.", {"host": "", "port": ""}, {"url": ""})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (["host", "port"], None),
        (["host", "port", "url"], None),
        (["port"], "leaves out host"),
        ([], "leaves out host, port"),
        (["host", "port", "extra"], "adds 'extra'"),
        (["hots", "port"], "leaves out host and adds 'hots' (is that 'host'?)"),
    ],
)
def test_outputs_are_held_against_the_contract(given: list[str], problem: str | None) -> None:
    assert CONTRACT.problem(given) == problem


def test_an_open_contract_takes_any() -> None:
    assert CONTRACTS["environment"].problem(["ANYTHING"]) is None


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_every_contract_says_what_its_words_are(name: str) -> None:
    contract = CONTRACTS[name]
    assert contract.description.endswith(".")
    assert all(text.endswith(".") for text in (*contract.outputs.values(), *contract.optional.values()))
