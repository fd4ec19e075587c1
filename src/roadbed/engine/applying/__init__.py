"""From a plan to the world and the state: the one part of the engine that calls providers, and the journal by which it
survives a crash. Begin with `apply.py`, `runner.py` and `executor.py`.
"""
