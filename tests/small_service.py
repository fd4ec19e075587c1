"""A service of one file and no dependencies, as a source tree that a test can spoil."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MAIN = """\
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = "{version}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = VERSION.encode()
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        print("asked for", self.path, flush=True)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
SCORE = """\
apiVersion: score.dev/v1b1
metadata:
  name: web

containers:
  main:
    image: .
    command: [python, main.py]
    variables:
      WHERE: ${resources.dns.host}
    readinessProbe:
      httpGet: {path: /, port: 8080}

service:
  ports:
    http: {port: 80, targetPort: 8080}

resources:
  dns:
    type: dns
  route:
    type: route
    params: {host: "${resources.dns.host}", path: /, port: http}
"""
PROJECT = """\
[project]
name = "{name}"
version = "1"
requires-python = ">=3.11"
dependencies = []
"""
APPLICATION = """\
apiVersion: roadbed.dev/v1
kind: Application
metadata:
  name: {name}
  owner: group:default/payments
"""


@dataclass(frozen=True, slots=True)
class SmallService:
    """Written to `folder`; answers `/` with its version."""

    name: str
    folder: Path

    def write(self, version: str = "1") -> None:
        """Whole and right."""
        self.folder.mkdir(exist_ok=True)
        files = {
            "main.py": MAIN.replace("{version}", version),
            "score.yaml": SCORE,
            "pyproject.toml": PROJECT.replace("{name}", self.name),
            "roadbed.yaml": APPLICATION.replace("{name}", self.name),
        }
        for name, text in files.items():
            (self.folder / name).write_text(text)

    def spoil(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new))
