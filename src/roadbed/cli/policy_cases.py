"""Runs the cases of the policies of a folder on this machine, without a platform."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from roadbed.kit.errors import InvalidInput, OperationFailed

if TYPE_CHECKING:
    from roadbed.client.models import PolicyCases

_SECONDS = 60.0
_GRACE_S = 10.0
_MOST_FILES = 500
_START = "from roadbed.sdk.host import main; main()"


def try_folder(folder: Path) -> PolicyCases:
    """Those of a pack, of a folder of packs and loose files, or of the `policies/` of a platform repo.

    Raises InvalidInput for a folder without policies, and for a descriptor that can't be read.
    """
    from roadbed.platform.packs import DESCRIPTOR, local_packs, read_pack

    folder = folder.resolve()
    if not folder.is_dir():
        raise InvalidInput(f"there is no folder {folder}", hint="name a pack, or a folder of policies")
    if (folder / DESCRIPTOR).is_file():
        file = folder / DESCRIPTOR
        packs = [read_pack(file.read_bytes(), f"{folder.name}/{DESCRIPTOR}", folder=folder, name=folder.name)]
    else:
        folder = folder / "policies" if (folder / "policies").is_dir() else folder
        _refuse_anything(folder)
        packs = local_packs(folder)
    if not packs:
        raise InvalidInput(
            f"there are no policies in {folder}", hint="a policy is a function with @policy in a .py file"
        )
    return _ask(folder, [{"name": pack.name, "folder": str(pack.folder)} for pack in packs])


def _refuse_anything(folder: Path) -> None:
    """Every program below is run: a folder that somebody named by mistake holds others' too."""
    if sum(1 for _ in islice(folder.rglob("*.py"), _MOST_FILES + 1)) > _MOST_FILES:
        raise InvalidInput(
            f"{folder} holds more than {_MOST_FILES} programs, and all of them would be run",
            hint="name the folder of a pack, or of a platform repo",
        )


def _ask(folder: Path, packs: list[dict[str, str]]) -> PolicyCases:
    """In a process of its own: a policy may end it. It is the person's own code on their own machine."""
    request = {"version": 1, "kind": "examples", "programs": str(folder), "shown": folder.name, "packs": packs}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", _START],
            input=json.dumps({**request, "seconds": _SECONDS}).encode(),
            capture_output=True,
            check=False,
            timeout=_SECONDS + _GRACE_S,
        )
        answer: Any = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise OperationFailed(f"the cases of {folder} did not end within {_SECONDS:g} s") from None
    except ValueError:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise OperationFailed(f"the policies of {folder} ended the process: {said[-1][:500]}") from None
    if error := answer.get("error"):
        place = {key: error.get(key) for key in ("file", "line")}
        raise InvalidInput(error["message"], hint=error.get("hint"), **place)
    return cast("PolicyCases", {"items": answer["cases"], "problems": answer["problems"]})
