"""Typed classes for the built-in resource types, a module for each provider."""
