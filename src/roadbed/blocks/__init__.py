"""Building blocks: trying them, publishing them, and what a version does to the stacks that use it.

Invariants: what an environment uses was published whole, with its examples as they are kept; a version that breaks what
asks for it has a new first number; nothing that would lose data takes effect unless that was said.
"""
