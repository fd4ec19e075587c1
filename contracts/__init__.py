"""Import contracts of our own, beside those that import-linter brings. Named in `.importlinter`."""
