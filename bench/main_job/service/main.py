"""A service of one file: answers with its version, which each deploy changes."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = "0"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(VERSION)))
        self.end_headers()
        self.wfile.write(VERSION.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing: this measures the platform, not its log."""


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Handler).serve_forever()
