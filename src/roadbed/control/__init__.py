"""Durable work: operations with steps, log, progress and cancel; the events by which a low capability wakes a high one.

Invariants: an operation that was accepted runs to its end on some worker, whatever dies; its lock is held while it
runs and by nothing else; a step whose result was recorded never runs again.
"""
