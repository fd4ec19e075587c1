"""The master key: made once, private, and refused when it is not."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from roadbed.secrets.errors import KeyUnusable
from roadbed.secrets.keyfile import KEY_FILE, load_or_create_key


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = load_or_create_key(tmp_path / "home")
    file = tmp_path / "home" / KEY_FILE
    assert len(key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_or_create_key(tmp_path / "home") == key
    assert [entry.name for entry in file.parent.iterdir()] == [KEY_FILE]


def test_starts_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_or_create_key, [tmp_path] * 16))
    assert len(keys) == 1


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_or_create_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(KeyUnusable, match="0640") as caught:
        load_or_create_key(tmp_path)
    assert "chmod 600" in (caught.value.hint or "")


def test_a_damaged_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    load_or_create_key(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(b"half")
    with pytest.raises(KeyUnusable, match="4 bytes"):
        load_or_create_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == b"half"
