"""The platform repo, what it declares, and the host that runs its programs.

The platform team owns the repo; the platform writes it once, at the first start, and afterwards only reads it.
Invariants: a program of the repo runs in a sandbox, sees no secret, no network and no database, and can do no more
than hand back a graph or verdicts; the same request to the same revision gets the same answer.
"""
