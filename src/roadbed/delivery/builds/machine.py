"""What this machine builds with: its interpreter, uv, and its settings for the package index."""

from __future__ import annotations

import os
import platform
import re
import sysconfig
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from uv import find_uv_bin

from roadbed.delivery.builds.domain import Machine
from roadbed.sandbox import detect

# Where packages come from and how they are reached. Credentials within them are the index's own; nothing else passes.
_INDEX = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|INDEX_\w+|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INSECURE_HOST|NATIVE_TLS|SYSTEM_CERTS"
    r"|OFFLINE|HTTP_TIMEOUT|EXCLUDE_NEWER|CONCURRENT_\w+)"
    r"|PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|TRUSTED_HOST|CERT|DEFAULT_TIMEOUT)"
    r"|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|(HTTP|HTTPS|ALL|NO)_PROXY|(http|https|all|no)_proxy"
)
_CONFIG = "/opt/roadbed/config"
_SEEN_ANYWAY = ("/usr", "/etc/ssl", "/etc/pki", "/etc/ca-certificates")


@cache
def this_machine() -> Machine:
    host = detect.host()
    environment = {name: value for name, value in os.environ.items() if _INDEX.fullmatch(name)}
    mounts = {path: path for value in environment.values() for path in _local_paths(value)}
    config = _config_files(os.environ)
    if config:
        environment["XDG_CONFIG_HOME"] = _CONFIG
    return Machine(
        python=host.python,
        python_prefix=host.python_prefix,
        version=platform.python_version(),
        platform=sysconfig.get_platform(),
        uv=str(Path(find_uv_bin()).resolve()),
        uv_version=version("uv"),
        environment=environment,
        mounts={**mounts, **config},
        # The kernel counts by user: as root builds have one of their own, else they share it with all that runs.
        max_processes=512 if host.root else None,
        sandboxed=host.bwrap is not None,
    )


def _local_paths(value: str) -> Iterator[str]:
    """Files and folders of this machine that a setting names: certificates, `find-links`, a `file://` index."""
    for part in re.split(r"[\s,]+", value):
        path = part.removeprefix("file://")
        plain = path.startswith("/") and path != "/" and ".." not in path.split("/") and Path(path).exists()
        if plain and not any(Path(path).is_relative_to(folder) for folder in _SEEN_ANYWAY):
            yield path


def _config_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's settings of uv and pip, else the machine's, by where they are mounted from."""
    home = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "/nonexistent")) / ".config")
    found = {}
    for name in ("uv/uv.toml", "pip/pip.conf"):
        places = (home / name, Path("/etc") / name, Path("/etc") / Path(name).name)
        if file := next((place for place in places if place.is_file()), None):
            found[str(file.resolve())] = f"{_CONFIG}/{name}"
    return found
