"""The heart: graph × state → plan → apply → state.

Read in this order: `domain.py` (the words), `graph.py` and `values.py` (a declared document becomes a checked graph),
`planner.py` (pure: which steps), `schedule.py` (pure: as which effects, and what each waits for), `runner.py` (when an
effect runs), `executor.py` (what it does), `journal.py` and `rows.py` (what is written, and when), `applying.py` (how
an apply begins and ends), `service.py` (the door).

How a crash is survived. A plan is stored before it is applied, and owns the graph it was made from. An apply begins by
one transaction that writes its number into the stack (`applying`). Of every effect the intent is committed before its
provider is called, and its outcome afterwards, together with the resource's row. Whatever dies in between is started
again by whoever holds the operation: the same plan, with the state as it is; effects with an outcome are left out,
those with an intent alone are repeated. A repeated creation has the same token as the first, by which the provider
finds what that one made; updates and deletions are the same the second time. An apply ends by one transaction that
takes its number away. The lock is a session's of PostgreSQL: it ends with the process, so there is no unlocking.

What failed, or was begun and given up, leaves a row that says so: `broken` for a creation or a deletion, properties
that are not known for an update (`unsure.py`, `leftovers.py`). The next plan sees a difference there and puts it right.

Invariants: a plan is immutable; only `executor.py` calls a provider to change anything, and only for a stored plan; a
secret's value is never in a plan, and in state only sealed.
"""
