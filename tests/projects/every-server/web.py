"""Uses every server that it was given by the plain protocol, and answers with what they said."""

import base64
import hashlib
import hmac
import json
import os
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote
from urllib.request import Request, urlopen

ENV = os.environ


def talk(address, *lines):
    """Sends lines, one after each answer; the last answer."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), 10) as connection, connection.makefile("rb") as answers:
        said = b""
        for line in lines:
            if line is not None:
                connection.sendall(line.encode() + b"\r\n")
            said = answers.readline()
        return said.decode().strip()


def cache():
    return talk(ENV["CACHE"], f"AUTH {ENV['CACHE_PASSWORD']}", "INCR visits")


def queue():
    login = {"user": ENV["QUEUE_USER"], "pass": ENV["QUEUE_PASSWORD"], "verbose": False}
    return talk(ENV["QUEUE"], None, f"CONNECT {json.dumps(login)}\r\nPING")


def store(method, body=None):
    """A presigned request, as version 2 of the signature has it."""
    until = int(time.time()) + 60
    text = f"{method}\n\n\n{until}\n/{ENV['STORE_BUCKET']}/note"
    digest = hmac.new(ENV["STORE_SECRET"].encode(), text.encode(), hashlib.sha1).digest()
    signature = quote(base64.b64encode(digest), safe="")
    url = f"{ENV['STORE']}/note?AWSAccessKeyId={ENV['STORE_KEY']}&Expires={until}&Signature={signature}"
    request = Request(url, method=method, data=body, headers={"Content-Type": ""} if body else {})
    with urlopen(request, timeout=20) as answer:
        return answer.read().decode()


def everything():
    store("PUT", b"kept")
    return {
        "cache": cache(),
        "queue": queue(),
        "store": store("GET"),
        "level": ENV["LEVEL"],
        "port": talk(ENV["PORT_OF_BACK"], "GET / HTTP/1.0\r\n"),
        "url": urlopen(ENV["URL_OF_BACK"], timeout=10).read().decode(),
        "name": urlopen(f"http://{ENV['NAME_OF_BACK']}/", timeout=10).read().decode(),
    }


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        answer = json.dumps({"path": self.path, **(everything() if "all" in self.path else {})})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer.encode())


ThreadingHTTPServer(("0.0.0.0", int(ENV.get("PORT", "8080"))), Handler).serve_forever()
