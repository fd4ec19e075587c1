"""Stacks as people and programs handle them: resolve a name, plan, apply, destroy, refresh, look for drift.

A stack is declared by a module of the platform repo or by the application in force there; here is the one place that
knows which. Invariants: only a plan that was made here is applied here, once; what changes a stack holds the same lock
as its deployments, or changes the state alone, in one transaction, while no plan is being applied; a scan for drift
changes nothing and is made by one server, however many there are.
"""
