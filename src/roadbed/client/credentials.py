"""Where the server is and who asks: `ROADBED_URL` and `ROADBED_TOKEN`, else `$ROADBED_HOME/client.json`."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roadbed.client.files import write_private
from roadbed.kit.errors import InvalidInput, Unauthenticated, Unavailable
from roadbed.kit.home import roadbed_home

_SHARED = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Credentials:
    """`url` has no slash at its end. `token` is None for somebody who is not logged in."""

    url: str
    token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials(url={self.url!r}, token={'•••' if self.token else None})"


def client_file(home: Path) -> Path:
    return home / "client.json"


def find(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Credentials:
    """The credentials to use now. Raises Unavailable when nothing says where the platform is.

    A stored token goes only to the server that it was stored for, never to another that `ROADBED_URL` names.
    """
    environ = os.environ if environ is None else environ
    url, token = environ.get("ROADBED_URL", "").rstrip("/"), environ.get("ROADBED_TOKEN") or None
    if url and token:
        return Credentials(url, token)
    stored = load(home or roadbed_home())
    if url:
        return Credentials(url, stored.token if stored and stored.url == url else None)
    if stored is None:
        raise Unavailable(
            "no platform is known here",
            hint="start one with `roadbed up`, or say where it is with ROADBED_URL and `roadbed login`",
        )
    return Credentials(stored.url, token or stored.token)


def load(home: Path) -> Credentials | None:
    """What `client.json` holds; None when there is none. Refuses one that other users of the machine can read."""
    path = client_file(home)
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unauthenticated(f"can't read your login: {error.strerror}", file=str(path)) from error
    if stat.S_IMODE(mode) & _SHARED:
        raise Unauthenticated(
            f"others on this machine can read your login (mode {stat.S_IMODE(mode):04o})",
            hint=f"run `chmod 600 {path}`, then `roadbed login` for a new token",
            file=str(path),
        )
    return _parse(text, path)


def _parse(text: str, path: Path) -> Credentials:
    try:
        held = json.loads(text)
        return Credentials(str(held["url"]).rstrip("/"), held.get("token"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "this is no login of Roadbed's", hint=f"remove {path}, then `roadbed login`", file=str(path)
        ) from error


def save(home: Path, credentials: Credentials) -> None:
    """Writes `client.json` at once and whole, readable by its owner only."""
    write_private(client_file(home), json.dumps({"url": credentials.url, "token": credentials.token}))


def forget(home: Path) -> bool:
    """Drops the token, keeps the address. False when there was no token."""
    stored = load(home)
    if stored is None or stored.token is None:
        return False
    save(home, Credentials(stored.url))
    return True
