"""A git URL → the command that fetches it. Pure: which URLs are taken, and with which settings git may run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from roadbed.kit.errors import InvalidInput

FOLDER = "/fetch"
ARCHIVE, REVISION = f"{FOLDER}/tree.tar.gz", f"{FOLDER}/revision"
CONFIGURATION = "/run/gitconfig"
TIMEOUT_S = 300.0
DEFAULT_REF = "HEAD"

_SSH = re.compile(r"(?:[\w.-]+@)?[\w.-]+:[^/:\s][^\s]*")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}")
_SCHEMES = ("https", "ssh")

_CONFIGURATION = """[protocol]
\tallow = never
[core]
\thooksPath = /dev/null
\tfsmonitor = false
[http]
\tfollowRedirects = initial
[transfer]
\tfsckObjects = true
[safe]
\tdirectory = *
[gc]
\tauto = 0
[credential]
\thelper =
"""

# Nothing of the repository is run: there are no hooks, no filters, no submodules, and no other way of transport. What
# its attributes leave out of archives or write into them would make another tree of the same revision.
_SCRIPT = """set -e
cd "$FOLDER"
git init --quiet --bare --template= repository
printf '* -export-ignore -export-subst -filter\\n' > repository/info-attributes
mkdir -p repository/info && mv repository/info-attributes repository/info/attributes
cd repository
git fetch --quiet --depth 1 --no-tags --no-recurse-submodules --no-write-fetch-head "$URL" "+$REF:refs/roadbed/fetched"
git rev-parse --verify 'refs/roadbed/fetched^{commit}' > "$FOLDER/revision"
git archive --format=tar.gz -1 --output="$FOLDER/tree.tar.gz" refs/roadbed/fetched
"""


@dataclass(frozen=True, slots=True)
class GitUrl:
    """`url` may have credentials in it, `shown` has none. `ref` is what is fetched, HEAD where nobody said."""

    url: str
    shown: str
    ref: str = DEFAULT_REF


def read_url(text: str, ref: str | None, *, files: bool) -> GitUrl:
    """`https://host/repo.git#rev`, or with the revision beside it. Raises InvalidInput for what is not fetched here."""
    url, _, fragment = text.partition("#")
    if ref and fragment and ref != fragment:
        raise InvalidInput(f"two revisions are asked for: {fragment!r} and {ref!r}", hint="name one of them")
    wanted = ref or fragment or DEFAULT_REF
    if not _REF.fullmatch(wanted) or ".." in wanted or wanted.endswith((".lock", "/", ".")):
        raise InvalidInput(f"{wanted[:80]!r} is no branch, tag or revision")
    if any(ord(character) <= ord(" ") for character in url) or len(url) > 2000:
        raise InvalidInput("a git URL has neither spaces nor line ends, and at most 2,000 characters")
    if "://" not in url and _SSH.fullmatch(url) and not url.startswith("-"):
        return GitUrl(url, url, wanted)
    return GitUrl(url, _checked(url, files=files), wanted)


def _checked(url: str, *, files: bool) -> str:
    """The URL without its credentials."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidInput("this is no URL", hint="write it as https://host/owner/repository.git#revision") from None
    if parts.scheme == "file" and not files:
        raise InvalidInput(
            "git URLs of files are not taken here",
            hint="deploy the folder itself, or allow it: ROADBED_BUILDS__GIT_FILES=true",
        )
    if parts.scheme not in (*_SCHEMES, "file"):
        raise InvalidInput(
            f"sources are not fetched by {parts.scheme or 'a path'}",
            hint="use https://host/owner/repository.git or ssh://git@host/owner/repository.git",
        )
    if parts.scheme != "file" and (not host or host.startswith("-")):
        raise InvalidInput("the URL names no host", hint="write it as https://host/owner/repository.git#revision")
    user = f"{parts.username}@" if parts.scheme == "ssh" and parts.username else ""
    place = f"{user}{host or ''}{f':{port}' if port else ''}"
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def command() -> tuple[str, ...]:
    return ("sh", "-c", _SCRIPT)


def configuration(wanted: GitUrl) -> bytes:
    """All that git is configured by: a file, since what it starts for a transport keeps no settings from variables."""
    allowed = "".join(f'[protocol "{name}"]\n\tallow = always\n' for name in _transports(wanted))
    return f"{_CONFIGURATION}{allowed}".encode()


def _transports(wanted: GitUrl) -> tuple[str, ...]:
    return (*_SCHEMES, "file") if wanted.url.startswith("file:") else _SCHEMES


def environment(wanted: GitUrl, certificates: str | None) -> dict[str, str]:
    """Names reach the shell as variables: nothing of them is read as words of it."""
    return {
        "FOLDER": FOLDER,
        "URL": wanted.url,
        "REF": wanted.ref,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": CONFIGURATION,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/tmp/known",
        **({"GIT_SSL_CAINFO": certificates} if certificates else {}),
    }


def without_credentials(text: str, wanted: GitUrl) -> str:
    """What git says, with no part of the URL that lets one in."""
    shown = text.replace(wanted.url, wanted.shown)
    return re.sub(r"(\w+://)[^/@\s]*@", r"\1", shown)
