"""Commands that run by the clock: schedules, and the runs that come of them.

Invariants:

- a run is recorded before it is started, and no time of a schedule makes two of them, whenever the daemon dies;
- a run goes on to its end as the release that began it has it; the next one is the newest release's;
- of the times that came while nobody could begin a run, the last one begins late or not at all, and the others are
  recorded as missed.
"""
