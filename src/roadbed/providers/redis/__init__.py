"""Valkey databases for applications: a small server each, so that each is a whole Redis."""
