"""The bundled assets: which hashed file stands behind each name.

`make assets` builds them (see `assets/build.mjs`). Where they are missing, pages answer with how to build them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DIST = Path(__file__).parent / "static" / "dist"


@dataclass(frozen=True, slots=True)
class Assets:
    """`files` maps `app.css` to `app-3F2A91BC.css`; all of them lie flat in `folder`."""

    folder: Path
    files: Mapping[str, str]

    def url(self, name: str) -> str:
        return f"/static/{self.files[name]}"

    def path(self, file: str) -> Path | None:
        """The file of that name in the folder, None if there is none there."""
        if "/" in file or file.startswith("."):
            return None
        path = self.folder / file
        return path if path.is_file() else None


def load_assets(folder: Path) -> Assets | None:
    """None when they have not been built."""
    try:
        return Assets(folder, json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
