"""Replicas as processes of this machine, each in a sandbox under a shim of its own.

The shim is what makes a replica independent of the daemon: it holds the output, the signals and the exit code, and is
nobody's child. A daemon that comes back finds it by the state file in the replica's folder. Invariants:

- a shim's end is its replica's end, also by `kill -9`: the sandbox dies with it;
- secrets reach a shim by its standard input only, and no file, argument or log line holds one.

`shim*.py` run without the rest of the platform: standard library only, and of that as little as can be.
"""
