"""`roadbed portal`."""

from __future__ import annotations

from typing import Annotated

import typer

from roadbed.cli.group import command_group, examples
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import Output
from roadbed.cli.style import has_browser
from roadbed.client.client import Client

app = command_group()


@app.command(epilog=examples("roadbed portal", "roadbed portal --no-browser"))
def portal(
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser, where there is one.")] = True,
    output: Output = Format.text,
) -> None:
    """Open the portal, logged in as you.

    Prints a link that logs its first visitor in as you, once, within ten minutes; opens a browser where there is one.
    """
    client = Client.found()
    code = client.platform.login_code()
    url = client.url + code["path"]
    show({"url": url, "expires_at": code["expires_at"]}, output, lambda _data, _style: url)
    if browser and output is Format.text and has_browser():
        typer.launch(url)
