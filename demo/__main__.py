"""Starts the platform, makes a service from a golden path, calls it, and says how to go on.

Every line is something that a user could type: it drives the `roadbed` command and nothing else.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROADBED = str(Path(sys.executable).with_name("roadbed"))
FOLDER = Path(".demo")
APPLICATION, ENVIRONMENT = "orders", "dev"


def main() -> int:
    began = time.monotonic()
    try:
        run("up", "--detach")
        if folder().exists():
            run("deploy", str(folder()), "-e", ENVIRONMENT)
        elif not deployed():
            FOLDER.mkdir(exist_ok=True)
            run("new", "python-api", APPLICATION, "--owner", "group:default/payments", "--directory", str(folder()))
        url = application()["url"]
        say(f"\n$ curl {url}")
        print(call(url))
        login = json.loads(output("portal", "-o", "json"))["url"]
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    say(
        f"\nDone in {time.monotonic() - began:.0f} s. {APPLICATION} runs at {url}\n"
        f"The portal, logged in once by this link: {login}\n\n"
        f"Go on:   cd {folder()}, change something, {ROADBED} deploy\n"
        f"         {ROADBED} logs {APPLICATION} -f        {ROADBED} ps {APPLICATION}        {ROADBED} --help\n"
        f"Stop:    {ROADBED} down"
    )
    return 0


def folder() -> Path:
    return FOLDER / APPLICATION


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(*arguments: str) -> None:
    """Runs a command as a user would see it. Raises CalledProcessError; the command has said why by then."""
    say(f"\n$ roadbed {' '.join(arguments)}")
    subprocess.run([ROADBED, *arguments], check=True)


def output(*arguments: str) -> str:
    return subprocess.run([ROADBED, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def deployed() -> bool:
    items = json.loads(output("apps", "-o", "json"))["items"]
    return any((item["application"], item["environment"]) == (APPLICATION, ENVIRONMENT) for item in items)


def application() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output("status", APPLICATION, "-e", ENVIRONMENT, "-o", "json"))
    return found


def call(url: str) -> str:
    """GETs the URL. Browsers and curl resolve `*.localhost`, Python does not: so the host goes in the header."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=30)
    try:
        connection.request("GET", parts.path or "/", headers={"Host": parts.netloc})
        answer = connection.getresponse()
        return f"HTTP {answer.status}\n{answer.read().decode()}"
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
