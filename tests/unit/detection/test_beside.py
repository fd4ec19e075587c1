from __future__ import annotations

from roadbed.detection.beside import FOREIGN, OWN
from roadbed.detection.files import READERS
from roadbed.detection.source import read_application_source
from roadbed.detection.summary import told
from roadbed.detection.tree import TreeOfTexts
from roadbed.workload.files import APPLICATION_FILES, PROGRAM, SCORE_FILES, from_mapping

SCORE = "apiVersion: score.dev/v1b1\nmetadata: {name: notes}\ncontainers: {main: {image: .}}\n"


def test_the_names_are_those_that_are_read() -> None:
    assert tuple(READERS) == FOREIGN
    assert (*SCORE_FILES, PROGRAM, *APPLICATION_FILES) == OWN


def test_a_log_says_what_a_score_file_goes_before() -> None:
    files = {"score.yaml": SCORE, "Procfile": "web: no matter what\n", "folder/app.json": "{}"}
    (line,) = told(read_application_source(from_mapping(files), TreeOfTexts(files)))
    assert line.startswith("note: what runs is said by score.yaml: Procfile is not read (")
    alone = {"score.yaml": SCORE}
    assert told(read_application_source(from_mapping(alone), TreeOfTexts(alone))) == []
