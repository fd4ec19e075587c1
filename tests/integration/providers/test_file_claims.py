"""Whose a file is: after moves, forgetting and importing, as a stack is worked with and as the provider is called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roadbed.kit.errors import Conflict, InvalidInput
from roadbed.providers.driver import Actual, Desired
from roadbed.providers.file.disk import LEDGER
from roadbed.providers.file.provider import FileProvider
from roadbed.storage.database import Database
from stacks_kit import Scene, make_scene


async def said(text: str) -> None:
    """Nobody listens."""


def wanted(name: str, token: str, content: str = "x", *, stack: str = "s@dev", type: str = "file:File") -> Desired:
    """A creation's, or an import's with an empty token. `name`: its path, within the stack and on the disk."""
    given = {"path": "a", **({"content": content} if type == "file:File" else {})}
    return Desired(f"{stack}/{name}#{type}", type, name.rpartition("/")[2], stack, given, token=token)


def recorded(desired: Desired, found: Actual | None, **changed: Any) -> Desired:
    """As the engine asks once it is in the state, with these properties changed."""
    assert found is not None
    properties = {**desired.properties, **changed}
    return replace(desired, properties=properties, previous=desired.properties, outputs=found.outputs)


@pytest.fixture
def files(tmp_path: Path) -> FileProvider:
    return FileProvider([tmp_path])


def claims(root: Path) -> list[Path]:
    return list((root / LEDGER).iterdir())


# As a stack is worked with.


@pytest.fixture
async def scene(database: Database, home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """With files in place of the things that can fail."""
    monkeypatch.setattr("stacks_kit.FaultyProvider", lambda _: FileProvider([home / "files"]))
    made = make_scene(database, home)
    await made.start()
    yield made
    await made.stop()


def file(name: str, content: str, options: str = "", path: str = "a") -> str:
    return f"Resource('file:File', {name!r}, path={path!r}, content={content!r}, {options})\n"


async def test_a_file_that_was_renamed_forgotten_and_imported_is_managed_and_removed(scene: Scene, home: Path) -> None:
    there = home / "files" / "a"
    await scene.apply("fim@dev", file("b", "1"))
    await scene.apply("fim@dev", file("b2", "1", "aliases=['b']"))
    await scene.do("forget", "fim@dev", ["b2"])
    await scene.apply("fim@dev", file("b2", "1", f"import_={str(there)!r}"))
    await scene.apply("fim@dev", file("b2", "2", f"import_={str(there)!r}"))
    assert there.read_text() == "2"
    await scene.apply("fim@dev", file("b3", "2", "aliases=['b2']"))
    await scene.apply("fim@dev", file("b3", "3"))
    assert there.read_text() == "3"
    await scene.apply("fim@dev", "")
    assert (there.exists(), claims(home / "files")) == (False, [])


async def test_a_file_moves_between_stacks_however_it_came(scene: Scene, home: Path) -> None:
    """Made in one, forgotten and imported there, changed, and looked after by another since."""
    there = home / "files" / "a"
    await scene.apply("one@dev", file("b", "1"))
    scene.module("two", file("c", "1"))
    await scene.do("move", "one@dev", ["b"], "two@dev/c")
    await scene.apply("two@dev", file("c", "2"))
    await scene.do("forget", "two@dev", ["c"])
    await scene.apply("two@dev", file("d", "3", f"import_={str(there)!r}"))
    scene.module("one", file("e", "3"))
    await scene.do("move", "two@dev", ["d"], "one@dev/e")
    assert there.read_text() == "3"
    await scene.apply("one@dev", destroy=True)
    assert (there.exists(), claims(home / "files")) == (False, [])


async def test_a_file_of_another_stack_is_not_imported(scene: Scene, home: Path) -> None:
    await scene.apply("heal@prod", file("made", "theirs", path="heal/prod"))
    for path in ("heal/prod", "heal/other"):
        scene.module("heal", file("imp", "ours", "import_='heal/prod'", path=path))
        with pytest.raises(InvalidInput) as caught:
            await scene.plan("heal@dev")
        (found, *_) = caught.value.problems or (caught.value.problem,)
        assert "belongs to heal@prod/made#file:File" in found.message
        assert "'roadbed stack move heal@prod made --to heal@dev/imp'" in found.message
        assert "if heal@prod has forgotten it, import and change it there first" in found.message
    assert (home / "files" / "heal" / "prod").read_text() == "theirs"


async def test_a_file_is_not_imported_under_a_path_where_it_is_not(scene: Scene, home: Path) -> None:
    there = home / "files" / "heal" / "prod"
    there.parent.mkdir(parents=True)
    there.write_text("declared\n")
    scene.module("heal", file("imp", "declared\n", "import_='heal/prod'", path="heal/other"))
    with pytest.raises(InvalidInput) as caught:
        await scene.plan("heal@dev")
    (found, *_) = caught.value.problems or (caught.value.problem,)
    assert f"would replace it: its path is {str(there)!r}" in found.message
    await scene.apply("heal@dev", file("imp", "declared\n", "import_='heal/prod'", path="./heal//prod"))
    assert (await scene.plan("heal@dev", refresh=True)).empty


# As the provider is called.


async def test_an_import_is_looked_at_without_taking_anything(files: FileProvider, tmp_path: Path) -> None:
    made = await files.create(wanted("b", "t1"), said)
    (claim,) = claims(tmp_path)
    before = claim.read_text()
    assert await files.read(wanted("b2", ""), made.id) is not None
    looked_at = replace(wanted("x", "", stack="other@dev"), properties={})
    found = await files.read(looked_at, made.id)
    assert found is not None
    assert (found.properties or {})["path"] == made.id
    assert claim.read_text() == before


@pytest.mark.parametrize("type", ["file:File", "file:Directory"])
async def test_what_another_stack_claimed_can_not_be_imported(type: str, files: FileProvider, tmp_path: Path) -> None:
    made = await files.create(wanted("group/b", "t1", type=type), said)
    importing = wanted("imp", "", stack="other@dev", type=type)
    with pytest.raises(
        Conflict, match=r"a belongs to s@dev/group/b#file:\w+: move it here with 'roadbed stack move s@dev group/b"
    ):
        await files.read(importing, made.id)
    assert await files.read(recorded(importing, made), made.id) is not None, "a refresh is no import"


@pytest.mark.parametrize("type", ["file:File", "file:Directory"])
async def test_an_imported_thing_of_the_stack_is_moved_and_removed(
    type: str, files: FileProvider, tmp_path: Path
) -> None:
    made = await files.create(wanted("b", "t1", type=type), said)
    taken = wanted("b2", "", type=type)
    changed = recorded(taken, await files.read(taken, made.id), mode="0700")
    await files.update(changed, made.id, said)
    moved = replace(changed, urn=f"other@dev/b3#{type}", stack="other@dev")
    await files.update(replace(moved, properties={**moved.properties, "mode": "0750"}), made.id, said)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o750
    assert "other@dev/b3" in claims(tmp_path)[0].read_text()
    await files.delete(replace(moved, urn=f"s@dev/b4#{type}", stack="s@dev"), made.id, said)
    assert (await files.read(moved, made.id), claims(tmp_path)) == (None, [])


async def test_a_claim_follows_what_is_moved(files: FileProvider, tmp_path: Path) -> None:
    """Who is refused is told the name that the file's resource has now."""
    desired = wanted("b", "t1")
    made = await files.create(desired, said)
    moved = replace(recorded(desired, made, content="y"), urn="other@dev/c#file:File", stack="other@dev")
    await files.update(moved, made.id, said)
    with pytest.raises(Conflict, match=r"a belongs to other@dev/c#file:File$"):
        await files.create(wanted("d", "t2"), said)


@pytest.mark.parametrize(
    "other",
    [wanted("b2", "t2"), wanted("b", "t2"), wanted("imp", "", stack="other@dev")],
    ids=["urn", "token", "import"],
)
async def test_a_file_that_is_another_resources_is_neither_changed_nor_said_to_be_removed(
    other: Desired, files: FileProvider, tmp_path: Path
) -> None:
    made = await files.create(wanted("b", "t1"), said)
    theirs = recorded(other, made, content="theirs")
    name = other.urn.partition("#")[0].partition("/")[2]
    for attempt in (files.update(theirs, made.id, said), files.delete(theirs, made.id, said)):
        with pytest.raises(Conflict, match=r"a belongs to (what was )?s@dev/b#file:File") as caught:
            await attempt
        assert caught.value.hint == f"let go of it here: roadbed stack forget {other.stack} {name}"
    assert (tmp_path / "a").read_text() == "x"
    (tmp_path / "a").unlink()
    await files.delete(theirs, made.id, said)


async def test_what_was_imported_is_no_more_its_creations(files: FileProvider, tmp_path: Path) -> None:
    desired = wanted("b", "t1")
    made = await files.create(desired, said)
    taken = wanted("b2", "")
    await files.update(recorded(taken, made, content="y"), made.id, said)
    for attempt in (files.update(recorded(desired, made), made.id, said), files.delete(desired, made.id, said)):
        with pytest.raises(Conflict, match=r"a belongs to s@dev/b2#file:File$"):
            await attempt
    assert (tmp_path / "a").read_text() == "y"


async def test_a_creation_that_is_refused_leaves_no_claim(files: FileProvider, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("somebody's")
    with pytest.raises(Conflict, match="is there already") as caught:
        await files.create(wanted("b", "t1"), said)
    assert caught.value.hint == f"import it, or choose another path: import_={str(tmp_path / 'a')!r}"
    assert not (tmp_path / LEDGER).exists()


@pytest.mark.parametrize("there", [True, False])
async def test_what_helps_against_a_claim_of_what_was_forgotten(
    there: bool, files: FileProvider, tmp_path: Path
) -> None:
    await files.create(wanted("b", "t1"), said)
    (claim,) = claims(tmp_path)
    if not there:
        (tmp_path / "a").unlink()
    with pytest.raises(Conflict, match=r"a belongs to s@dev/b#file:File$") as caught:
        await files.create(wanted("c", "t2"), said)
    helps = f"import it there: import_={str(tmp_path / 'a')!r}" if there else f"remove {claim}"
    assert caught.value.hint == f"choose another path; if s@dev has forgotten it, {helps}"
