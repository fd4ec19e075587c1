"""What this machine builds with: its interpreter, uv, and its settings for the package index."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sysconfig
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from uv import find_uv_bin

from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.tools import MachineTools
from roadbed.sandbox import detect

# Where packages come from and how they are reached. Credentials within them are the index's own; nothing else passes.
_INDEX = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|INDEX_\w+|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INSECURE_HOST|NATIVE_TLS|SYSTEM_CERTS"
    r"|OFFLINE|HTTP_TIMEOUT|EXCLUDE_NEWER|CONCURRENT_\w+)"
    r"|PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|TRUSTED_HOST|CERT|DEFAULT_TIMEOUT)"
    r"|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|(HTTP|HTTPS|ALL|NO)_PROXY|(http|https|all|no)_proxy"
    r"|(?i:npm_config_(registry|cafile|strict_ssl|noproxy|proxy|https_proxy|nodedir|@[\w./:-]+))|NODE_EXTRA_CA_CERTS"
    r"|YARN_NPM_REGISTRY_SERVER|GOPROXY|GONOSUMDB|GOPRIVATE|GOSUMDB|BUNDLE_MIRROR__\w+"
)
_CONFIG = "/opt/roadbed/config"
_LONGEST_CONFIG = 100_000
_SEEN_ANYWAY = ("/usr", "/etc/ssl", "/etc/pki", "/etc/ca-certificates")


@cache
def this_machine() -> Machine:
    host = detect.host()
    environment = {name: value for name, value in os.environ.items() if _INDEX.fullmatch(name)}
    mounts = {path: path for value in environment.values() for path in _local_paths(value)}
    config = _config_files(os.environ)
    if config:
        environment["XDG_CONFIG_HOME"] = _CONFIG
    files = {}
    if (npmrc := _npmrc(os.environ)) is not None:
        environment["NPM_CONFIG_USERCONFIG"] = f"{_CONFIG}/npmrc"
        files[f"{_CONFIG}/npmrc"] = npmrc
    return Machine(
        python=host.python,
        python_prefix=host.python_prefix,
        version=platform.python_version(),
        platform=sysconfig.get_platform(),
        uv=str(Path(find_uv_bin()).resolve()),
        uv_version=version("uv"),
        environment=environment,
        mounts={**mounts, **config},
        sandboxed=host.bwrap is not None,
        files=files,
        tools=MachineTools(),
        lower=_lower(),
        base=_base(),
    )


def _lower() -> tuple[str, ...]:
    ionice = shutil.which("ionice", path="/usr/bin:/bin")
    return (ionice, "-c", "2", "-n", "7") if ionice else ()


def _base() -> dict[str, str]:
    """What an image of this machine's artifacts would be made from."""
    facts = {"os": "linux", "architecture": platform.machine(), "libc": " ".join(platform.libc_ver())}
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return facts
    return {**facts, "distribution": release.get("ID", ""), "release": release.get("VERSION_ID", "")}


def _local_paths(value: str) -> Iterator[str]:
    """Files and folders of this machine that a setting names: certificates, `find-links`, a `file://` index."""
    for part in re.split(r"[\s,]+", value):
        path = part.removeprefix("file://")
        plain = path.startswith("/") and path != "/" and ".." not in path.split("/") and Path(path).exists()
        if plain and not any(Path(path).is_relative_to(folder) for folder in _SEEN_ANYWAY):
            yield path


def _npmrc(environ: Mapping[str, str]) -> bytes | None:
    """The user's settings of npm: which registry, and its credentials. Others may not read the file itself."""
    file = Path(environ.get("NPM_CONFIG_USERCONFIG") or Path(environ.get("HOME", "/nonexistent")) / ".npmrc")
    try:
        return file.read_bytes()[:_LONGEST_CONFIG]
    except OSError:
        return None


def _config_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's settings of uv and pip, else the machine's, by where they are mounted from."""
    home = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "/nonexistent")) / ".config")
    found = {}
    for name in ("uv/uv.toml", "pip/pip.conf"):
        places = (home / name, Path("/etc") / name, Path("/etc") / Path(name).name)
        if file := next((place for place in places if place.is_file()), None):
            found[str(file.resolve())] = f"{_CONFIG}/{name}"
    return found
