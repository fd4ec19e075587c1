"""One command, alone: its own root, processes and user, seeing nothing of the platform but what is mounted for it.

Builds, people's programs and replicas run through here. Invariants:

- a command never runs as root, and can't gain a right by executing anything;
- neither its arguments nor its environment show in the arguments of the processes around it, and no environment of
  its own reaches a process that still has rights (they travel in memory files that only the launcher reads);
- when the process that started it dies, so does everything it started.

Where the kernel forbids namespaces, the last two hold for the command itself and `detect.isolation()` says so.
"""
