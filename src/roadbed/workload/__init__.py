"""What a team declares: Score files, `roadbed.yaml`, the catalog file. Pure: it is handed text and gives back values.

Invariants: a file either reads whole or gives InvalidInput with every problem that was found, each with its file, line
and column; no input gives anything else. Imports stay light, because the CLI reads these files without a server.
"""
