"""Random values that are made once and kept: identifiers, passwords, numbers, names."""
