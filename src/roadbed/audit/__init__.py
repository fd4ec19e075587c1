"""Who did what, to what, and how it ended.

Invariants: each mutation leaves a record in its own transaction, so neither is there without the other; a record is
never changed or removed (the database refuses it); no record holds a secret.
"""
