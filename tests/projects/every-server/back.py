"""Says its name over HTTP."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"back")


ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "9001"))), Handler).serve_forever()
