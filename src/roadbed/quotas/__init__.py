"""Quotas: how much of the platform each team may have in an environment, and how much of it is taken.

Invariant: what counts is what stands in the states of all the stacks that a team owns, with what is being applied right
now; a plan that asks for more than is left is refused when it is made, and once more when its apply begins.
"""
