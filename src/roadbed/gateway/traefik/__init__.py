"""Traefik as the gateway: one detached process, configured through its file provider, watched through its API."""
