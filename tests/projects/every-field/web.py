"""Reports, as JSON, what this replica sees of itself."""

import http.server
import json
import os
import pathlib
import stat
import subprocess
import sys
import threading
import time

FILES = [
    "/etc/every/expanded.txt",
    "/etc/every/raw.txt",
    "/etc/every/bytes.bin",
    "/opt/one/app.conf",
    "/opt/two/app.conf",
    "/srv/logo.bin",
    "/opt/every/bin/tool.sh",
    "/app/deep/within/config.txt",
]
VERSION = "1"
probes = []


def file(path):
    found = pathlib.Path(path).stat()
    content = pathlib.Path(path).read_bytes().decode("latin-1")
    return {"mode": f"{stat.S_IMODE(found.st_mode):o}", "mine": found.st_uid == os.getuid(), "content": content}


def refused(path):
    try:
        pathlib.Path(path).write_text("x")
    except OSError as error:
        return error.strerror
    return None


def share_of_a_processor():
    began, used = time.monotonic(), time.process_time()
    while time.monotonic() - began < 1:
        pass
    return (time.process_time() - used) / (time.monotonic() - began)


def report():
    return {
        "version": VERSION,
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "files": {path: file(path) for path in FILES},
        "tool": subprocess.run(["/opt/every/bin/tool.sh"], capture_output=True, text=True, check=False).stdout,
        "order": pathlib.Path("/data/order").read_text().split(),
        "conf_of_cache": pathlib.Path("/data/conf-of-cache").read_text(),
        "below": [path.name for path in pathlib.Path("/data/sub/folder").iterdir()],
        "read_only": refused("/readonly/x"),
        "source_tree": refused("/app/x"),
        "order_by_the_read_only_way": pathlib.Path("/readonly/order").exists(),
        "probes": probes[0],
        "key": key,
        "processor": share_of_a_processor(),
    }


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/eat":
            threading.Thread(target=lambda: bytearray(300 * 2**20)).start()
        self.answer(report() if self.path == "/" else {"path": self.path})

    def answer(self, document):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *_):
        pass


class Admin(Web):
    def do_GET(self):
        if self.path == "/ready":
            probes.append({"host": self.headers["Host"], "x-probe": self.headers["X-Probe"]})
            pathlib.Path("/tmp/asked").touch()
        self.answer({"admin": self.path})


with pathlib.Path("/data/order").open("a") as order:
    order.write("web\n")
pathlib.Path("/app/nested/kept").write_text("by the nested way")
address = os.environ["HOST"]
admin = http.server.ThreadingHTTPServer((address, int(os.environ["PORT_ADMIN"])), Admin)
threading.Thread(target=admin.serve_forever, daemon=True).start()
key = pathlib.Path("/etc/every/secret.txt").read_text().removeprefix("key=")
print(f"serving with the key {key}", flush=True)
http.server.ThreadingHTTPServer((address, int(os.environ["PORT"])), Web).serve_forever()
