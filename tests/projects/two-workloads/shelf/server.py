"""The page that readers see: it asks `books` through its service port, and counts in the database that both share."""

import json
import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import psycopg

GREETING = "Hello from two workloads"
BOOKS = os.environ["BOOKS_HOST"], int(os.environ["BOOKS_PORT"])


class Shelf(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({} if self.path == "/health" else self.page()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self):
        socket.create_connection(BOOKS, timeout=5).close()  # a plain connect, without a proxy's help
        with urlopen("http://{}:{}/".format(*BOOKS), timeout=5) as answer:
            titles = json.load(answer)
        with psycopg.connect(os.environ["DATABASE_URL"]) as database:
            (count,) = database.execute("SELECT count(*) FROM books").fetchone()
        return {"message": GREETING, "books": titles, "count": count}


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shelf).serve_forever()
