"""Golden paths: templates, in Backstage's format, that make a running, owned, documented service.

Invariants: what a person fills in is data and never rendered as a template; nothing that a template does leaves its
workspace but through an action; a run that fails before its service is deployed takes back what it made.
"""
