"""What can be checked without the platform: the machine, as far as the command alone needs it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from roadbed.cli.text import size
from roadbed.kit.home import roadbed_home

if TYPE_CHECKING:
    from roadbed.client.models import Check

_LITTLE_SPACE = 1_000_000_000


def local_checks() -> list[Check]:
    return [_python(), _git(), _node(), *_home(roadbed_home())]


def _python() -> Check:
    return {"check": "python", "state": "ok", "detail": f"{platform.python_version()} at {sys.executable}"}


def _git() -> Check:
    if found := shutil.which("git"):
        return {"check": "git", "state": "ok", "detail": found}
    remedy = "install git: golden paths and the platform repo need it"
    return {"check": "git", "state": "missing", "detail": "not installed", "remedy": remedy}


def _node() -> Check:
    """Only building the portal's assets needs it: where it is missing, all else works."""
    if found := shutil.which("node"):
        return {"check": "node", "state": "ok", "detail": found}
    remedy = "install Node 20 or newer, where you build the portal or Node applications"
    return {"check": "node", "state": "warning", "detail": "not installed", "remedy": remedy}


def _home(home: Path) -> list[Check]:
    nearest = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        remedy = "set ROADBED_HOME to a directory that you can write to"
        return [{"check": "home", "state": "missing", "detail": f"{home} can't be written", "remedy": remedy}]
    free = shutil.disk_usage(nearest).free
    space: Check = {"check": "disk", "state": "ok", "detail": f"{size(free)} free"}
    if free < _LITTLE_SPACE:
        space |= {"state": "warning", "remedy": "builds and databases need some; free a few GB"}
    return [{"check": "home", "state": "ok", "detail": str(home)}, space]
