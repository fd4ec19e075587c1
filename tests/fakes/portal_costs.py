"""What building blocks cost, for the portal's pages: a database has a price, and of a bucket nothing is known."""

from __future__ import annotations

from collections.abc import Sequence

from roadbed.delivery.block_costs import BlockCost
from roadbed.estimates.domain import METRICS, Total
from roadbed.sdk.usage import Amount
from roadbed.storage.call import Call


class FakeBlockCosts:
    async def of(self, call: Call, environment: str) -> Sequence[BlockCost]:
        known = Total(Amount.of("4.1"))
        unknown = Total(None, ("orders@dev/files#s3:Bucket",))
        return [
            BlockCost(name, "*", "USD", dict.fromkeys(METRICS, found), "")
            for name, found in (("postgres", known), ("s3", unknown))
        ]
