"""Tries building blocks and checks a platform repo on this machine, without a platform: as in a pull request's CI."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from roadbed.client.problems import error_of
from roadbed.kit.errors import OperationFailed

if TYPE_CHECKING:
    from roadbed.client.blocks import BlockCase, RepoCheck

_SECONDS = 300.0


class Offline:
    """As `client.blocks` does, in a process of its own: it takes what the platform is made of."""

    def cases(self, name: str, files: Mapping[str, str]) -> Sequence[BlockCase]:
        return cast("Sequence[BlockCase]", _asked({"kind": "cases", "name": name, "files": {**files}})["items"])

    def check_repo(self, files: Mapping[str, str]) -> RepoCheck:
        return cast("RepoCheck", _asked({"kind": "check", "files": {**files}}))


def _asked(request: Mapping[str, Any]) -> Any:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "roadbed.main.offline"],
            input=json.dumps(request).encode(),
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise OperationFailed(f"it did not end within {_SECONDS:g} s") from None
    except ValueError:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise OperationFailed(f"it could not be done on this machine: {said[-1][:500]}") from None
    if error := answer.get("error"):
        raise error_of(error)
    return answer
