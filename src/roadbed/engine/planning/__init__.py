"""From a graph and a state to a plan, and from a plan to the order of its effects. Pure: no clock, no database, no
provider is reached from here. Begin with `planner.py`, then `schedule.py`.
"""
