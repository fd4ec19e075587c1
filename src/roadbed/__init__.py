"""Roadbed: an internal developer platform. One graph, one loop: declare → compile → plan → check → apply → observe."""

__version__ = "0.1.0"
