"""The heart: graph × state → plan → apply → state.

Read in this order: `domain.py` (the words); `expressions/` and `planning/`, both pure: a declared document becomes a
checked graph (`graph.py`), that and the state become steps (`planner.py`), and those effects, with what each waits for
(`schedule.py`) and which of them may begin (`frontier.py`); `applying/`: when an effect runs (`runner.py`), what it
does (`executor.py`, `calls.py`), what is written, and when (`journal.py`, `rows.py`), how an apply begins and ends
(`apply.py`); the doors: `service.py` to plans, `states.py` to states, `editing.py` to changes of a state alone.

How a crash is survived. A plan is stored before it is applied, and owns the graph it was made from. An apply begins by
one transaction that writes its number into the stack (`applying/apply.py`). Of every effect the intent is committed
before its provider is called, and its outcome afterwards, together with the resource's row. Whatever dies in between is
started again by whoever holds the operation: the same plan, with the state as it is; effects with an outcome are left
out, those with an intent alone are repeated. A repeated creation has the same token as the first, by which the provider
finds what that one made; updates and deletions are the same the second time. An apply ends by one transaction that
takes its number away. The lock is a session's of PostgreSQL: it ends with the process, so there is no unlocking.

What failed, or was begun and given up, leaves a row that says so: `broken` for a creation or a deletion, properties
that are not known for an update (`applying/unsure.py`, `applying/leftovers.py`). The next plan sees a difference there
and puts it right.

Invariants: a plan is immutable; only `applying/executor.py` calls a provider to change anything, and only for a stored
plan; a secret's value is never in a plan, and in state only sealed.
"""
