"""Data files of installed packages: read by their place, so that none of the package's code runs."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from roadbed.kit.errors import NotFound


def installed(package: str) -> Distribution:
    """Raises NotFound for one that isn't."""
    try:
        return distribution(package)
    except PackageNotFoundError:
        hint = "install Roadbed with all that it depends on"
        raise NotFound(f"{package} is not installed, of which tables are read", hint=hint) from None


def content(package: Distribution, name: str) -> bytes:
    """Of a file. Raises NotFound for one that a later version of the package doesn't have any more."""
    try:
        return Path(str(package.locate_file(name))).read_bytes()
    except OSError:
        told = f"{package.name} {package.version} has no {name}, which is read"
        raise NotFound(told, hint="install the version that uv.lock names") from None
