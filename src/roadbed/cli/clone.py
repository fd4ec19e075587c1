"""The source of a new application, from the bundle that the platform hands out to a git clone."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, OperationFailed, Unavailable


def check(directory: Path) -> None:
    """Finds out before anything is made what would stop `clone` at the end."""
    if shutil.which("git") is None:
        raise Unavailable("git is not installed", hint="install git, or add --no-wait to leave the source where it is")
    if directory.exists() and not (directory.is_dir() and not any(directory.iterdir())):
        raise InvalidInput(f"{directory} exists already", hint="choose another with --directory, or move it away")
    _check_writable(directory if directory.exists() else directory.absolute().parent)


def _check_writable(folder: Path) -> None:
    """By trying: the mode of a folder says little to root, or of a filesystem that is read-only."""
    try:
        with tempfile.TemporaryDirectory(prefix=".roadbed-", dir=folder):
            return
    except OSError as error:
        raise InvalidInput(
            f"the source can't be put into {folder}: {error.strerror}",
            hint="choose a folder that you can write to with --directory",
        ) from None


def clone(client: Client, application: str, environment: str, directory: Path) -> None:
    """Clones into `directory`. The bundle is gone afterwards, and so is the remote that would point to it."""
    with tempfile.NamedTemporaryFile(prefix=f"{application}-", suffix=".bundle") as bundle:
        client.applications.source(application, environment, bundle.file)
        bundle.flush()
        _git("clone", "--quiet", bundle.name, str(directory))
    _git("-C", str(directory), "remote", "remove", "origin")


def _git(*arguments: str) -> None:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)  # noqa: S607  # the user's git
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise OperationFailed(
            f"git {arguments[0]} failed: {reason}", hint="the service itself was made: `roadbed apps`"
        )
