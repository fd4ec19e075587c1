"""What resources cost, what energy they take, and what that emits: by the month, from what they ask for.

Read in this order: `roadbed.sdk.usage` (what a resource takes, which its estimator tells), `sheet.py` (the platform
team's prices), `pricing.py` (usage × sheet → estimate), `domain.py` (estimates, and those of a plan), `totals.py`.

Invariants: amounts are decimals and exact until they are shown; what is not known is said with its reason and never
counts as nothing; what is free says why. An estimate is linear in what is asked for, and totals are sums.
"""
