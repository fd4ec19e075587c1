"""What of a source tree is built: all but what speaks to the platform alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from roadbed.delivery.builds.archive import digest_of
from roadbed.delivery.builds.platform_files import platform_files, remove

SCORE = "# a comment\napiVersion: score.dev/v1b1\n"
WRITTEN = {
    "roadbed.yaml": "apiVersion: roadbed.dev/v1\nkind: Application\n",
    "catalog-info.yaml": 'apiVersion: "backstage.io/v1alpha1"\n',
    "score/web.yaml": SCORE,
    "score/worker.yaml": SCORE,
}


def _tree(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (WRITTEN, {*WRITTEN, "score"}),
        ({"score.yaml": SCORE, "app.py": ""}, {"score.yaml"}),
        ({"score.yaml": "title: Sonata\n", "score/a.yaml": "notes: [c, d]\n"}, set()),
        ({"score/web.yaml": SCORE, "score/sonata.yaml": "notes: []\n"}, {"score/web.yaml"}),
        ({"score/web.yaml": SCORE, "score/sonata.mid": ""}, {"score/web.yaml"}),
        ({"backend/score.yaml": SCORE, "Procfile": "web: x\n", "app.json": "{}"}, set()),
        ({"score": SCORE, "catalog-info.yaml/a": "x"}, set()),
    ],
)
def test_what_speaks_to_the_platform_is_known_by_name_and_format(
    tmp_path: Path, files: Mapping[str, str], found: set[str]
) -> None:
    assert platform_files(_tree(tmp_path, files)) == found


def test_the_same_is_built_before_and_after_it_is_written_down(tmp_path: Path) -> None:
    code = {"main.py": "print(1)", "lib/a.py": ""}
    before = _tree(tmp_path / "before", code)
    after = _tree(tmp_path / "after", {**code, **WRITTEN})
    left_out = platform_files(after)
    assert digest_of(after, left_out) == digest_of(before) != digest_of(after)
    remove(after, left_out)
    assert digest_of(after) == digest_of(before)


def test_a_link_is_no_such_file(tmp_path: Path) -> None:
    tree = _tree(tmp_path, {"deploy/score.yaml": SCORE})
    (tree / "score.yaml").symlink_to("deploy/score.yaml")
    (tree / "score").symlink_to("deploy")
    assert platform_files(tree) == frozenset()
