"""The composition root: settings → storage → capabilities → surfaces. The only wiring.

`python -m roadbed.main serve` is the server, `python -m roadbed.main stop` ends what outlives it. Both are called by
the CLI, which imports none of this.
"""
