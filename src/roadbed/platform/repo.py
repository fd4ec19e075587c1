"""The platform repo on disk: a git repository that is written once and belongs to the platform team from then on."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from roadbed.kit.errors import InvalidInput, RoadbedError, Unavailable
from roadbed.platform.domain import Environment, read_environments
from roadbed.platform.modules import LIBRARY
from roadbed.workload.document import decode

STARTER = Path(__file__).with_name("starter")
PROGRAM_FOLDERS = ("provisioners", "policies")
MODULES = "modules"
POLICIES_FILE = "policies/policies.yaml"
PRICES_FILE = "prices.yaml"
QUOTAS_FILE = "quotas.yaml"

_ENVIRONMENTS = "environments.yaml"
_MOST_PROGRAM_BYTES = 10_000_000
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "commit.gpgSign": "false",
    "init.defaultBranch": "main",
    "user.name": "Roadbed",
    "user.email": "roadbed@localhost",
}
_IDENTITY = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}

log = logging.getLogger(__name__)


class PlatformRepo:
    """`folder` is the working tree: what lies there counts, committed or not, so that a change can be tried first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last_good: dict[str, Environment] | None = None
        self._last_text: str | None = None
        self._last_problem = ""

    def ensure(self) -> bool:
        """Writes and commits the starter if there is no repo yet; True if it did. Never leaves half a repo behind."""
        if (self.folder / ".git").exists():
            return False
        if self.folder.exists() and any(self.folder.iterdir()):
            raise InvalidInput(
                f"{self.folder} is no git repository",
                hint=f"make it one (git -C {self.folder} init), or move it away and a new one is written",
            )
        git = _find_git()
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".platform-", dir=self.folder.parent) as temporary:
            made = Path(temporary, "platform")
            _copy(STARTER, made)
            for arguments in (("init", "--quiet"), ("add", "--all", "--force"), ("commit", "--quiet", "-m", _MESSAGE)):
                _git(git, made, *arguments)
            made.rename(self.folder)
        return True

    def environments(self) -> dict[str, Environment]:
        """Those of `environments.yaml`; while it can't be read, those it last declared: everything else must go on.

        Raises InvalidInput with file and line for what is wrong in it, if what is committed can't be read either.
        """
        try:
            found = self._declared()
        except InvalidInput as problem:
            self._warn(problem)
            if self._last_good is None:
                self._last_good = self._committed(problem)
            return self._last_good
        self._last_good, self._last_problem = found, ""
        return found

    def _declared(self) -> dict[str, Environment]:
        """Parsed anew when the file says something else: it is asked for with every application that is looked at."""
        text = self._text()
        if text != self._last_text or self._last_good is None:
            found = read_environments(text, file=_ENVIRONMENTS)
            self._last_text = text
            return found
        return self._last_good

    def _text(self) -> str:
        try:
            return (self.folder / _ENVIRONMENTS).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise InvalidInput(
                f"the platform repo has no {_ENVIRONMENTS}", hint=f"add one to {self.folder}", file=_ENVIRONMENTS
            ) from None
        except UnicodeDecodeError:
            raise InvalidInput("this is not UTF-8 text", file=_ENVIRONMENTS) from None

    def _committed(self, problem: InvalidInput) -> dict[str, Environment]:
        """What the last commit declares. Raises the working tree's `problem` if that can't be read."""
        try:
            shown = _git(_find_git(), self.folder, "show", f"HEAD:{_ENVIRONMENTS}")
            return read_environments(shown.decode("utf-8"), file=_ENVIRONMENTS)
        except (RoadbedError, UnicodeDecodeError):
            raise problem from None

    def _warn(self, problem: InvalidInput) -> None:
        """Once for each problem: the file is read at every request."""
        if str(problem) != self._last_problem:
            self._last_problem = str(problem)
            log.warning("the environments stay as they were: %s", problem)

    def programs(self, name: str) -> Path:
        return self.folder / name

    def text(self, file: str) -> str | None:
        """What a file of the repo says, None where there is none. Raises InvalidInput for what is no text."""
        try:
            content = (self.folder / file).read_bytes()
        except FileNotFoundError:
            return None
        return decode(content, file)

    def revision(self) -> str:
        """Digest of all that decides what provisioners and policies answer: their paths and contents."""
        return self._digest(PROGRAM_FOLDERS)

    def revision_of(self, module: str) -> str:
        """Digest of all that decides what a module declares: its own files, and those that modules share."""
        return self._digest((f"{MODULES}/{module}", f"{MODULES}/{LIBRARY}"))

    def _digest(self, folders: Sequence[str]) -> str:
        digest = hashlib.sha256()
        total = 0
        for file in self._program_files(folders):
            content = file.read_bytes()
            total += len(content)
            if total > _MOST_PROGRAM_BYTES:
                raise InvalidInput(
                    f"the programs of the platform repo are larger than {_MOST_PROGRAM_BYTES // 1_000_000} MB",
                    hint="keep data out of provisioners/, policies/ and modules/",
                )
            for part in (str(file.relative_to(self.folder)).encode(), content):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()

    def _program_files(self, folders: Sequence[str]) -> Iterator[Path]:
        for name in folders:
            for file in sorted(self.programs(name).rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    yield file


_MESSAGE = "Begin with the environments, provisioners and golden paths that Roadbed brings"


def _find_git() -> str:
    if git := shutil.which("git"):
        return git
    raise Unavailable(
        "git is not installed, and the platform repo is a git repository",
        hint="install git with the package manager of this machine, then start again",
    )


def _git(git: str, folder: Path, *arguments: str) -> bytes:
    """What git prints. Raises Unavailable with what it says."""
    settings = [
        part
        for name, value in {**_SETTINGS, "safe.directory": str(folder)}.items()
        for part in ("-c", f"{name}={value}")
    ]
    done = subprocess.run(
        [git, *settings, *arguments],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C", **_IDENTITY},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Unavailable(
            f"git {arguments[0]} failed in the platform repo: {said}", hint="is the disk full or read-only?"
        )
    return done.stdout


def _copy(source: Path, target: Path) -> None:
    """With modes of our own: programs run as another user and must be readable whatever the umask is."""
    target.mkdir(mode=0o755)
    target.chmod(0o755)
    for entry in sorted(source.iterdir()):
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            _copy(entry, target / entry.name)
        else:
            shutil.copyfile(entry, target / entry.name)
            (target / entry.name).chmod(0o644)
