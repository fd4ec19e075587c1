"""Approvals: what lets a plan be applied where the platform team wants more than one person to want it.

Invariants: nobody approves what they asked for or planned, and everybody has one vote; a vote counts as long as who
gave it has the role; what is approved is a stored plan, and is applied as it is stored, or not at all. The engine asks
the gate as an apply begins, so no path goes round it.
"""
