"""Artifacts as a build writes them, for tests that run something: a folder of files beside this machine's Python."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4


def make_artifact(home: Path, files: Mapping[str, str], *, command: Sequence[str] | None = None) -> str:
    """Writes it below `home/builds` and returns its digest. What a test puts into its folder `signs` is seen at once in
    `/signs`, by whatever runs from it.
    """
    digest = uuid4().hex
    folder = home / "builds" / digest
    (folder / "app").mkdir(parents=True)
    (folder / "signs").mkdir()
    for name, text in files.items():
        path = folder / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in (folder / "app", *(folder / "app").rglob("*")):
        if path.is_dir():
            path.chmod(0o777)
    prefix = str(Path(sys.base_prefix).resolve())
    document = {
        "version": 1,
        "digest": digest,
        "kind": "directory",
        "workdir": "/app",
        "mounts": [
            {"source": str(folder / "app"), "target": "/app"},
            {"source": str(folder / "signs"), "target": "/signs"},
            {"source": prefix, "target": prefix},
        ],
        "environment": {"PATH": f"{prefix}/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
        "command": list(command) if command else None,
    }
    (folder / "artifact.json").write_text(json.dumps(document))
    return digest
