"""Sealing what must not be read at rest, and masking what must not be read at all.

Invariants: a sealed text opens only with this platform's key and in the context that it was sealed for; the key is
readable by the platform's own account and nobody else; no error of this capability carries a value.
"""
