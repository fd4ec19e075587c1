"""Applications: builds, compile, deployments, releases, rollback, settings.

Invariants: every change of a running application is a deployment, which makes a numbered, immutable release; a
deployment that fails leaves the release before it in force; compile is pure.
"""
