"""Waivers: what lets one finding of a policy pass, for a while, with a reason and another person's consent.

Invariants: a waiver ends at a time that it was asked for; nobody decides on what they asked for themselves; whether one
is in force is read off the clock each time that it matters, so that an ended one stops acting by itself, also on a plan
that was made under it.
"""
