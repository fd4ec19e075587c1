"""How each language is built: what is installed, under which digest, and what an artifact gets of it. Pure.

Invariants: whatever decides what an installation gives is among a part's inputs; nothing else is, so that a change of
code alone installs nothing; nothing here runs or reads anything but what it is handed.
"""
