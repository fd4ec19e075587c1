"""Nobody has the files that are rendered: what is said of them is said of what made for them."""

from __future__ import annotations

import pytest

from roadbed.detection.detect import detect
from roadbed.detection.places import in_the_tree
from roadbed.detection.rendered import rendered
from roadbed.detection.source import read_application_source
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Place
from roadbed.workload.files import from_mapping

COMPOSE = """services:
  web:
    build: .
    command: python app.py
    environment:
      DATABASE_URL: mysql://db/x
      ASKED:
      LEVEL: info
    ports: ["80:80"]
  db:
    image: mysql:8
"""
FILES = {
    "Procfile": "web: python app.py\n",
    "docker-compose.yml": COMPOSE,
    "app.json": '{\n"cron": [\n{"command": "x", "schedule": "0 3 * * *"}]}',
    "app.py": "import os\nos.environ['SECRET_KEY']\n",
}


def test_places_are_those_of_the_tree() -> None:
    source = read_application_source(from_mapping(FILES), TreeOfTexts(FILES)).source
    web = source.workloads["web"].workload
    assert (web.file, web.place.file, web.place.line) == ("Procfile", "Procfile", 1)
    assert (web.resources["db"].place.file, web.resources["db"].place.line) == ("docker-compose.yml", 11)
    variables = web.containers["main"].variables
    lines = {name: (text.place.file, text.place.line) for name, text in variables.items()}
    assert lines == {
        "DATABASE_URL": ("docker-compose.yml", 6),
        "LEVEL": ("docker-compose.yml", 8),
        "SECRET_KEY": ("app.py", 2),
    }
    assert source.problems == ()
    assert (source.jobs["cron-1"].place.file, source.jobs["cron-1"].place.line) == ("app.json", 3)


def test_every_line_of_a_rendered_file_is_somewhere_in_the_tree() -> None:
    found = detect(TreeOfTexts(FILES))
    files = rendered(found, list(found.needs))
    where = in_the_tree(found, files)
    for path, text in files.items():
        for number in range(1, text.count("\n") + 2):
            assert where(Place(path, number, 1)).file in FILES
    assert where(Place("elsewhere", 7, 1)) == Place("elsewhere", 7, 1)


def test_errors_point_into_the_tree_and_into_its_own_files() -> None:
    long = {**FILES, "roadbed.yaml": "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: X}\n"}
    with pytest.raises(InvalidInput) as raised:
        read_application_source(from_mapping(long), TreeOfTexts(long))
    assert {problem.file for problem in raised.value.problems or (raised.value.problem,)} == {"roadbed.yaml"}


OWN = """apiVersion: roadbed.dev/v1
kind: Application
metadata:
  name: shop
workloads:
  web:
    rollout: {strategy: blue-green}
    domains: [a.example.com]
resources:
  exports:
    type: s3
    params:
      versioned: maybe
"""


def test_the_lines_of_its_own_roadbed_yaml_stay_its_own() -> None:
    files = {**FILES, "roadbed.yaml": OWN}
    source = read_application_source(from_mapping(files), TreeOfTexts(files)).source
    exports = source.common.resources["exports"]
    assert (exports.place, exports.param_places["versioned"]) == (
        Place("roadbed.yaml", 10, 3),
        Place("roadbed.yaml", 13, 7),
    )
    assert {str(problem).partition(" ")[0] for problem in source.problems} == {
        "roadbed.yaml:7:25:",
        "roadbed.yaml:8:14:",
    }
    wrong = {**FILES, "roadbed.yaml": OWN.replace("type: s3", "typ: s3").replace("kind: Application\n", "")}
    with pytest.raises(InvalidInput) as raised:
        read_application_source(from_mapping(wrong), TreeOfTexts(wrong))
    assert {(one.file, one.line) for one in raised.value.problems} == {("roadbed.yaml", line) for line in (1, 10)}
