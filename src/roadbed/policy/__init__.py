"""Policies: the platform team's functions that judge a plan, and put right what is wrong, before it is stored.

Invariant: what could not judge counts as broken, never as passed: unless it is mere advice, the plan is refused with
the policy's own line. What is wrong in the configuration stops planning.
"""
