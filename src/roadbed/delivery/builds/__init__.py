"""Builds: what was uploaded, and the artifacts that were made of it, each under the digest of all that decides it.

Invariants: a source tree, a layer of dependencies and an artifact never change once they can be seen, and are seen
whole or not at all; the same inputs give the same digest; what is foreign (sources, build scripts, packages) is
unpacked with suspicion and run in the sandbox only.
"""
