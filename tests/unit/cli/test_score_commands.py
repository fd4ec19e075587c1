"""`roadbed score`: no platform, every problem at once, 0 or 2."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadbed.cli.main import run

SCORE = r"""
apiVersion: score.dev/v1b1
metadata: {name: web, annotations: {a.b/c: hello}}
service: {ports: {http: {port: 80, targetPort: 8080}, admin: {port: 9000}}}
containers:
  main:
    image: .
    command: [serve, $X]
    variables: {GREETING: '${metadata.annotations.a\.b/c} ${resources.db.host}'}
    files: {/etc/a.conf: {content: "${resources.db.port}", mode: "0600"}, /b: {source: b.txt, noExpand: true}}
    volumes: {/data: {source: "${resources.vol}", readOnly: true}}
    readinessProbe: {httpGet: {path: /ok, port: 8080}, exec: {command: [test, -f, /x]}}
  init: {image: ., before: {main: {ready: complete}}}
resources:
  db: {type: postgres, id: shared.db}
  vol: {type: volume, class: fast}
  route: {type: route, params: {host: "${metadata.name}.example.com", port: http}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROADBED_HOME", str(tmp_path / "none"))
    (tmp_path / "score.yaml").write_text(SCORE)
    (tmp_path / "b.txt").write_text("b")
    return tmp_path


def explained(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert run(["score", "explain", "score.yaml", *options, "-o", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_right_file_is_said_to_be_right(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "validate", "score.yaml"]) == 0
    assert capsys.readouterr().out == "✓ score.yaml: the workload web\n"


def test_everything_wrong_is_told_at_once_for_each_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "wrong.yaml").write_text(SCORE.replace("image: .\n", "imag: .\n").replace("port: 9000", "port: a"))
    (folder / "zeros.yaml").write_bytes(b"\0\xff")
    assert run(["score", "validate", "score.yaml", "wrong.yaml", "zeros.yaml", "gone.yaml", ".", "-o", "json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert not found["valid"]
    assert [(each["file"], each["valid"]) for each in found["files"]] == [
        ("score.yaml", True),
        *((name, False) for name in ("wrong.yaml", "zeros.yaml", "gone.yaml", ".")),
    ]
    wrong = {(each["line"], each["detail"]) for each in found["files"][1]["problems"]}
    assert wrong == {
        (4, "service.ports.admin.port must be a whole number, not text"),
        (7, "containers.main.imag is not a known field"),
    }


def test_overrides_are_laid_over_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "over.yaml").write_text("containers: {main: {variables: {LEVEL: low}}}\n")
    found = explained(
        capsys, "--overrides-file", "over.yaml", "--override-property", "containers.main.variables.LEVEL=high"
    )
    variables = {each["name"]: (each["value"], each["place"]) for each in found["containers"][0]["variables"]}
    assert variables["LEVEL"] == ("high", "override containers.main.variables.LEVEL:1")
    assert variables["GREETING"][1] == "score.yaml:9"


def test_a_file_is_explained_with_its_defaults_and_references(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(capsys)
    assert found["start"] == [
        {"container": "init", "after": []},
        {"container": "main", "after": [{"container": "init", "ready": "complete"}]},
    ]
    assert [(port["name"], port["targetPort"], port["defaults"]) for port in found["ports"]] == [
        ("http", 8080, ["protocol"]),
        ("admin", 9000, ["targetPort", "protocol"]),
    ]
    assert found["containers"][0]["variables"][0]["refers"] == [
        {"placeholder": r"${metadata.annotations.a\.b/c}", "to": "metadata", "value": "hello"},
        {"placeholder": "${resources.db.host}", "to": "host of postgres.default#shared.db", "value": None},
    ]
    assert [(one["uid"], one["shared"], one["defaults"]) for one in found["resources"]] == [
        ("postgres.default#shared.db", True, ["class"]),
        ("volume.fast#web.vol", False, []),
        ("route.default#web.route", False, ["class"]),
    ]
    assert found["containers"][0]["volumes"][0]["refers"][0]["value"] == "volume.fast#web.vol"


def test_a_source_that_is_no_text_is_told_to_stay_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "score.yaml").write_text(SCORE.replace(", noExpand: true", ""))
    assert explained(capsys)["containers"][0]["files"][1]["expanded"]
    (folder / "b.txt").write_bytes(b"latin \xe9 ${metadata.name}")
    assert not explained(capsys)["containers"][0]["files"][1]["expanded"]


def test_a_person_sees_it_as_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "explain", "score.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "admin   9000     9000 (default)   TCP (default)   score.yaml:4" in shown
    assert "after init is complete" in shown
    assert "HTTP GET /ok on port 8080 answers and `test -f /x` ends with 0" in shown
    assert "${resources.db.port} is port of postgres.default#shared.db" in shown


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_whatever_stands_in_a_file_it_is_judged(folder: Path, content: bytes) -> None:
    (folder / "any.yaml").write_bytes(content)
    assert run(["score", "validate", "any.yaml"]) == 2


@pytest.mark.parametrize("source", ["n" * 300, "a/" * 3000 + "b", "b.txt/c"])
def test_a_name_that_no_file_can_have_is_a_file_that_is_not_there(
    folder: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    (folder / "score.yaml").write_text(SCORE.replace("source: b.txt", f"source: {source}"))
    assert run(["score", "validate", "score.yaml"]) == 2
    assert "there is no file" in capsys.readouterr().out


def test_an_image_is_judged_and_shown_and_a_relative_target_is_told_whole(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers:\n  main:\n    image: nginx\n"
    (folder / "score.yaml").write_text(text + "    files: {conf/b.txt: {source: b.txt}}\n")
    assert run(["score", "validate", "score.yaml"]) == 2
    assert "✗ score.yaml:5:12: the image 'nginx' can't be run by the process runtime" in capsys.readouterr().out
    (container,) = explained(capsys)["containers"]
    assert (container["image"], container["files"][0]["target"]) == ("nginx", "/app/conf/b.txt")


def test_what_any_platform_would_refuse_is_not_valid(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "apiVersion: score.dev/v1b1\nmetadata: {name: web}\n"
    (folder / "large.bin").write_bytes(b"x" * (2**20 + 1))
    (folder / "a.yaml").write_text(
        head
        + "containers: {main: {image: ., files: {/e: {source: large.bin}}, variables: {H: '${resources.db.hots}'}}}\n"
        "resources: {db: {type: postgres, id: one, params: {a: 1}}}\n"
    )
    (folder / "b.yaml").write_text(
        head + "containers: {main: {image: .}}\nresources:\n"
        "  x1: {type: s3, id: xx, params: {a: 1}}\n  x2: {type: s3, id: xx, params: {a: 2}}\n"
    )
    assert run(["score", "validate", "a.yaml", "b.yaml", "-o", "json"]) == 2
    said = [
        (each["line"], each["detail"])
        for file in json.loads(capsys.readouterr().out)["files"]
        for each in file["problems"]
    ]
    assert said == [
        (3, "the file /e has 1.0 MB; one may have 1"),
        (3, "${resources.db.hots}: postgres has no output 'hots'"),
        (6, "resources.x2 shares the id 'xx' with b.yaml:5 but has other params"),
    ]


def test_files_named_together_agree_on_what_they_share(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, size in (("one", 1), ("two", 2)):
        (folder / f"{name}.yaml").write_text(
            f"apiVersion: score.dev/v1b1\nmetadata: {{name: {name}}}\ncontainers: {{main: {{image: .}}}}\n"
            f"resources: {{data: {{type: volume, id: shared, params: {{size: {size}Gi}}}}}}\n"
        )
    assert run(["score", "validate", "one.yaml"]) == run(["score", "validate", "two.yaml"]) == 0
    capsys.readouterr()
    assert run(["score", "validate", "one.yaml", "two.yaml"]) == 2
    said = capsys.readouterr().out
    assert "✓ one.yaml" in said
    assert "✗ two.yaml:4:19: resources.data shares the id 'shared' with one.yaml:4 but has other params" in said


@pytest.mark.parametrize(
    ("resource", "volume", "problems"),
    [
        ("type: route", "", ["params.host is missing: a route needs it", "params.port is missing: a route needs it"]),
        ("type: route, params: {host: a.b, port: 80}", "", []),
        (
            "type: route, params: {host: a.b, port: htp}",
            "",
            ["resources.it.params.port: web has no service port 'htp'"],
        ),
        ("type: route, id: shared", "", []),
        ("type: service-port, params: {workload: api}", "", ["params.port is missing: a service-port needs it"]),
        ("type: s3, params: {name: '${resources.it2.hots}'}", "", ["postgres has no output 'hots'"]),
        ("type: postgres", "${resources.it}", ["postgres has no output 'source'"]),
        ("type: volume", "${resources.it}", []),
        ("type: files", "${resources.it}", []),
    ],
)
def test_what_a_type_needs_and_gives_is_known_without_a_platform(
    folder: Path, capsys: pytest.CaptureFixture[str], resource: str, volume: str, problems: list[str]
) -> None:
    volumes = f"volumes: {{/data: {{source: '{volume}'}}}}" if volume else ""
    (folder / "score.yaml").write_text(
        f"apiVersion: score.dev/v1b1\nmetadata: {{name: web}}\ncontainers: {{main: {{image: ., {volumes}}}}}\n"
        f"service: {{ports: {{http: {{port: 80}}}}}}\nresources: {{it2: {{type: postgres}}, it: {{{resource}}}}}\n"
    )
    run(["score", "validate", "score.yaml", "-o", "json"])
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert len(told["problems"]) == len(problems)
    for said, wanted in zip(told["problems"], problems, strict=True):
        assert wanted in said["detail"]


def test_a_placeholder_in_a_command_is_noted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "score.yaml").write_text(
        "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers:\n  main:\n    image: .\n    command: [sh, -c]\n"
        "    args: ['echo $${ME} ${OTHER} $$ ${resources.db.host} ${metadata.name}']\n"
    )
    assert run(["score", "validate", "score.yaml"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "✓ score.yaml: the workload web",
        "note: score.yaml:5: containers.main.args: $${ME} reaches the program as it stands (a shell takes `$$` for its "
        "own number: write ${ME} for its variable)",
        *(
            f"note: score.yaml:5: containers.main.args: {text} reaches the program as it stands (placeholders are "
            "replaced in `variables`: set one to it, and have the program read that)"
            for text in ("${resources.db.host}", "${metadata.name}")
        ),
    ]


def test_standard_input_is_a_file_here(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, code in ((SCORE, 0), (SCORE.replace("image: .\n", "imge: .\n"), 2)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert run(["score", "validate", "-"]) == code
    told = capsys.readouterr().out
    assert "✓ -: the workload web" in told
    assert "containers.main.imge is not a known field" in told
    assert "is missing" not in told


def test_more_problems_than_are_told_are_told_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = "".join(f"  c{number}: {{imge: .}}\n" for number in range(60))
    (folder / "wrong.yaml").write_text(f"apiVersion: score.dev/v1b1\nmetadata: {{name: web}}\ncontainers:\n{wrong}")
    assert run(["score", "validate", "wrong.yaml", "-o", "json"]) == 2
    problems = json.loads(capsys.readouterr().out)["files"][0]["problems"]
    assert len(problems) == 51
    assert problems[-1]["detail"] == "there are more than 50 problems, from here on"
    assert problems[-1]["line"] == 54


@pytest.mark.parametrize("nothing", ["", "null", "~"])
def test_a_property_of_nothing_is_taken_away(folder: Path, capsys: pytest.CaptureFixture[str], nothing: str) -> None:
    found = explained(capsys, "--override-property", f"containers.main.variables.GREETING={nothing}")
    (main,) = [each for each in found["containers"] if each["name"] == "main"]
    assert main["variables"] == []
