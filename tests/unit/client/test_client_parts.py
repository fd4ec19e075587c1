"""The client's pure parts: streams, problem documents, credentials."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.client import credentials
from roadbed.client.credentials import Credentials
from roadbed.client.files import write_private
from roadbed.client.local import RunFiles, ServerProcess
from roadbed.client.problems import error_of
from roadbed.client.streams import ServerEvent, read_events, read_ndjson
from roadbed.client.transport import path_of
from roadbed.kit import errors
from roadbed.kit.errors import Problem, RoadbedError

CLASSES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, RoadbedError)]


@pytest.mark.parametrize("raised", [each for each in CLASSES if each is not RoadbedError])
def test_an_error_comes_back_as_it_was(raised: type[RoadbedError]) -> None:
    error = raised("no", hint="so", file="f", line=1, column=2, problems=[Problem("p", "h", "f", 3)])
    again = error_of(json.loads(json.dumps(error.to_dict())))
    assert type(again) is raised
    assert again.to_dict() == error.to_dict()


def test_a_capabilitys_own_code_is_kept() -> None:
    document = {"code": "build_failed", "exit_code": 1, "status": 500, "detail": "no"}
    again = error_of(document)
    assert isinstance(again, errors.OperationFailed)
    assert (again.code, again.status, again.exit_code) == ("build_failed", 500, 1)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, errors.NotFound), (400, errors.InvalidInput), (502, errors.Unavailable), (403, errors.Refused)],
)
def test_an_answer_without_a_document(status: int, expected: type[RoadbedError]) -> None:
    assert isinstance(error_of({}, status=status), expected)


def test_events() -> None:
    lines = b': hello\n\nevent: log\nid: 7\ndata: {"a":\ndata: 1}\n\ndata: 2\r\n\r\nevent: operation\ndata: {"cut'
    assert list(read_events(lines.splitlines(keepends=True))) == [
        ServerEvent("log", {"a": 1}, "7"),
        ServerEvent("message", 2, "7"),
    ]


@given(st.lists(st.dictionaries(st.text(), st.text())))
def test_ndjson(values: list[dict[str, str]]) -> None:
    lines = [json.dumps(value).encode() + b"\n" for value in values]
    assert list(read_ndjson(line for pair in zip(lines, [b"\n"] * len(lines), strict=True) for line in pair)) == values


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_name_cannot_climb_out_of_its_path(name: str) -> None:
    path = path_of("applications", name, "logs")
    assert path.count("/") == 3
    assert "?" not in path
    assert "#" not in path


class TestCredentials:
    def test_from_the_environment(self, tmp_path: Path) -> None:
        environ = {"ROADBED_URL": "http://a/", "ROADBED_TOKEN": "t"}
        assert credentials.find(environ, tmp_path) == Credentials("http://a", "t")

    def test_a_stored_token_goes_nowhere_else(self, tmp_path: Path) -> None:
        credentials.save(tmp_path, Credentials("http://a", "t"))
        assert credentials.find({}, tmp_path) == Credentials("http://a", "t")
        assert credentials.find({"ROADBED_URL": "http://b"}, tmp_path) == Credentials("http://b", None)
        assert credentials.find({"ROADBED_URL": "http://a"}, tmp_path).token == "t"
        assert credentials.find({"ROADBED_TOKEN": "u"}, tmp_path) == Credentials("http://a", "u")

    def test_kept_private(self, tmp_path: Path) -> None:
        credentials.save(tmp_path / "new", Credentials("http://a", "t"))
        file = tmp_path / "new" / "client.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "t" not in repr(credentials.load(tmp_path / "new")).partition("token")[2]

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
    def test_refuses_what_others_can_read(self, mode: int, tmp_path: Path) -> None:
        credentials.save(tmp_path, Credentials("http://a", "t"))
        (tmp_path / "client.json").chmod(mode)
        with pytest.raises(errors.Unauthenticated, match="others on this machine"):
            credentials.find({}, tmp_path)

    @pytest.mark.parametrize("text", ["", "[]", "{}", "no", '"x"'])
    def test_a_broken_file_says_so(self, text: str, tmp_path: Path) -> None:
        write_private(tmp_path / "client.json", text)
        with pytest.raises(errors.InvalidInput, match="no login of Roadbed's"):
            credentials.find({}, tmp_path)

    def test_none(self, tmp_path: Path) -> None:
        with pytest.raises(errors.Unavailable):
            credentials.find({}, tmp_path)
        assert not credentials.forget(tmp_path)

    def test_forget_keeps_the_address(self, tmp_path: Path) -> None:
        credentials.save(tmp_path, Credentials("http://a", "t"))
        assert credentials.forget(tmp_path)
        assert credentials.load(tmp_path) == Credentials("http://a", None)


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(errors.Unavailable, match="can't keep state"):
        RunFiles(tmp_path / "home").prepare()


def test_a_pid_that_is_somebody_elses_is_no_server(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    assert files.server() is None
    mine = ServerProcess.of(os.getpid())
    files.claim(mine)
    assert files.server() == mine
    files.claim(ServerProcess(mine.pid, mine.started - 100))
    assert files.server() is None
    write_private(tmp_path / "run" / "server.json", '{"pid": "x"}')
    assert files.server() is None
