from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.detect import detect
from roadbed.detection.dockerfile_image import read_image
from roadbed.detection.tree import TreeOfTexts

FILE = """\
FROM python:3.11-slim AS base
ENV GREETING="from docker" MODE=prod PATH=/venv/bin:$PATH
ENV OLD one two
FROM base AS other
ENV MODE=other
FROM base
WORKDIR /srv
ENV DATA=/srv/data MODE=last \\
    MADE=$GREETING
EXPOSE 9999/udp
EXPOSE 5000/tcp 5001
VOLUME /srv/up
HEALTHCHECK --interval=5s CMD curl -f http://localhost:5000/up || exit 1
CMD serve
"""


def test_what_the_last_stage_says() -> None:
    image = read_image(TreeOfTexts({"Dockerfile": FILE}), "Dockerfile")
    values = {name: (one.value, one.place.line) for name, one in image.variables.items()}
    assert values == {
        "GREETING": ("from docker", 2),
        "MODE": ("last", 8),
        "OLD": ("one two", 3),
        "DATA": ("/app/data", 8),
    }
    assert image.port == 5000
    assert image.check is not None
    assert image.check.command == ("sh", "-c", "curl -f http://localhost:5000/up || exit 1")
    assert [(one.line, one.message.partition(",")[0]) for one in image.left] == [
        (8, "ENV MADE is made of other variables"),
        (12, "VOLUME /srv/up says nothing here: what is written there goes with the replica"),
    ]


def test_it_is_said_of_who_runs_by_code_and_of_services_that_are_built_of_it() -> None:
    app = "from flask import Flask\napp = Flask(__name__)\n"
    files = {"app.py": app, "requirements.txt": "flask\n", "Dockerfile": FILE}
    web = detect(TreeOfTexts(files)).processes["web"]
    assert (web.port, web.variables["GREETING"].value, len(web.checks)) == (5000, "from docker", 1)
    compose = (
        "services:\n  web: {build: ., ports: [80:8000], environment: {MODE: mine}}\n  work: {build: ., command: w}\n"
    )
    found = detect(TreeOfTexts({**files, "compose.yaml": compose})).processes
    assert (found["web"].port, found["web"].variables["MODE"].value) == (8000, "mine")
    assert (found["work"].port, found["work"].checks, found["work"].variables["MODE"].value) == (None, (), "last")


@given(st.text(max_size=200))
def test_no_text_gives_anything_else(text: str) -> None:
    read_image(TreeOfTexts({"Dockerfile": f"FROM a\nENV {text}\nEXPOSE {text}\nHEALTHCHECK CMD {text}"}), "Dockerfile")
