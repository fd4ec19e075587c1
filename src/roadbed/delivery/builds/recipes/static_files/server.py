"""`roadbed-static FOLDER [--spa]`: serves a folder of files on $HOST and $PORT.

Runs in an environment of its own (`requirements.txt` beside this file), never in the platform. Types, ranges, ETags,
compressed variants and links that leave the folder are ServeStatic's; what is left out and what answers for a path
that is not there is said here.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

import uvicorn
from servestatic import ServeStaticASGI  # type: ignore[import-not-found, unused-ignore]
from servestatic.asgi import FileServerASGI  # type: ignore[import-not-found, unused-ignore]

_HIDDEN_BUT_PUBLIC = ".well-known"  # RFC 8615
_HASHED = r"^.+[.-][0-9A-Za-z_-]{8,}\.[0-9a-z]+$"
"""Names that bundlers give to files whose content never changes: `index-DpW3kLqf.js`, below a folder of assets."""
_SPOKEN_TO_OTHERS = re.compile(
    r"/(Procfile|Staticfile|static\.json|(Dockerfile|Containerfile)(\.[^/]*)?|(docker-)?compose(\.[^/]*)?\.ya?ml"
    r"|(roadbed|score|catalog-info|render|fly|railway|nixpacks|heroku|netlify|vercel)\.(ya?ml|toml|json)|score/[^/]*\.ya?ml"
    r"|_redirects|_headers)"
)
"""Files of a source tree that speak to a platform, where the tree itself is what is served."""
_ASSETS = ("/assets/", "/_astro/", "/static/", "/_next/static/")


class Site(ServeStaticASGI):  # type: ignore[misc, unused-ignore]
    """No file or folder that begins with a dot, but for `.well-known`. `sources`: the folder is a source tree as it is,
    and what speaks to a platform in it is no page.
    """

    def __init__(self, folder: Path, *, spa: bool, sources: bool) -> None:
        self._sources = sources
        super().__init__(
            self._missing,
            root=folder,
            index_file=True,
            max_age=0,
            allow_all_origins=False,
            immutable_file_test=_never_changes,
        )
        self._spa = self.files.get("/") if spa else None
        self._page = self.files.get("/404.html")

    def add_file_to_dictionary(self, url: str, *rest: Any, **named: Any) -> None:
        hidden = any(part.startswith(".") and part != _HIDDEN_BUT_PUBLIC for part in url.split("/"))
        if not (hidden or (self._sources and _SPOKEN_TO_OTHERS.fullmatch(url))):
            super().add_file_to_dictionary(url, *rest, **named)

    async def _missing(self, scope: Any, receive: Any, send: Any) -> None:
        """A path that is no file: the one page of an application that routes by itself, else 404."""
        if scope["type"] != "http":
            return
        if self._spa is not None and "." not in scope["path"].rpartition("/")[2]:
            await FileServerASGI(self._spa)(scope, receive, send)
            return
        await _not_found(self._page, scope, receive, send)


async def _not_found(page: Any, scope: Any, receive: Any, send: Any) -> None:
    if page is None:
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b"not found\n" if scope["method"] != "HEAD" else b""})
        return

    async def as_missing(event: Any) -> None:
        await send({**event, "status": 404} if event["type"] == "http.response.start" else event)

    plain = {b"if-none-match", b"if-modified-since", b"range"}
    headers = [(name, value) for name, value in scope["headers"] if name not in plain]
    await FileServerASGI(page)({**scope, "headers": headers}, receive, as_missing)


def _never_changes(path: str, url: str) -> bool:
    return any(folder in url for folder in _ASSETS) and re.match(_HASHED, url.rpartition("/")[2]) is not None


def main() -> int:
    parser = argparse.ArgumentParser(prog="roadbed-static", description="Serves a folder of files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--spa", action="store_true", help="answer index.html for paths that are no file")
    given = parser.parse_args()
    if not given.folder.is_dir():
        print(f"roadbed-static: there is no folder {given.folder}", file=sys.stderr)
        return 2
    if given.spa and not (given.folder / "index.html").is_file():
        print(f"roadbed-static: --spa needs {given.folder / 'index.html'}", file=sys.stderr)
        return 2
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    folder = given.folder.resolve()
    site = Site(folder, spa=given.spa, sources=folder == Path.cwd())
    uvicorn.run(site, host=host, port=port, log_level="warning", server_header=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
