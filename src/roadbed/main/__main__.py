"""`python -m roadbed.main serve|stop`: the server process, and the end of what outlives it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys

from roadbed.client.local import RunFiles
from roadbed.kit.errors import InvalidInput, RoadbedError
from roadbed.kit.home import roadbed_home
from roadbed.main.server import ROLES, serve
from roadbed.main.settings import Settings, load_settings
from roadbed.main.stop import stop


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m roadbed.main")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve").add_argument("--roles", type=_roles, default=ROLES)
    commands.add_parser("stop")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "procrastinate", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        settings = _settings(announce=given.command == "serve")
        asyncio.run(serve(settings, given.roles) if given.command == "serve" else stop(settings))
    except RoadbedError as error:
        lines = [str(error), error.hint, *map(str, error.problems)]
        print("\n".join(line for line in lines if line), file=sys.stderr)
        return error.exit_code
    return 0


def _settings(*, announce: bool) -> Settings:
    """With `announce`, whoever started the server learns what is wrong with them."""
    try:
        return load_settings()
    except InvalidInput as error:
        if announce:
            RunFiles(roadbed_home()).announce_failure(error)
        raise


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not roles or not roles <= ROLES:
        raise argparse.ArgumentTypeError(f"choose from {', '.join(sorted(ROLES))}")
    return roles


if __name__ == "__main__":
    sys.exit(main())
