"""Policies: the platform team's functions that judge a plan before it is stored.

Invariant: a policy that raises counts as broken, never as passed: the plan is refused with the policy's own line.
"""
