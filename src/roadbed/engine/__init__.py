"""The heart: graph × state → plan → apply → state.

Read in this order: `domain.py` (the words), `graph.py` (a declared document becomes a checked graph), `values.py`
(references and secrets in properties), `planner.py` (pure: which steps), `executor.py` (how the steps run),
`journal.py` (how a crash is survived), `service.py` (the door).

Invariants: a plan is immutable and owns the graph it was made from; only `executor.py` calls providers, and only for
a stored plan; the intent of every step is committed before its effect and the outcome after, so that an apply that
died is taken up where it stopped; a secret's value is never in a plan, and in state only sealed.
"""
