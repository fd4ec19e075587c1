"""A platform repo is tried and checked on this machine, without a platform and without a database."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from roadbed.cli.platform_folder import texts
from roadbed.cli.platform_offline import Offline
from roadbed.kit.errors import InvalidInput
from roadbed.platform import repo as platform_repo
from roadbed.platform import scaffolds

pytestmark = pytest.mark.slow
STARTER = Path(platform_repo.__file__).parent / "starter"


def test_a_block_and_a_repo_are_tried_without_a_platform(tmp_path: Path) -> None:
    block = dict(scaffolds.block("license", "group:default/platform"))
    repo = shutil.copytree(STARTER, tmp_path / "platform")
    for path, text in block.items():
        target = repo / "provisioners" / "license" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (repo / "prices.yaml").write_text("apiVersion: no\n", encoding="utf-8")
    assert {one["file"] for one in Offline().check_repo(texts(repo, "platform"))["problems"]} == {"prices.yaml"}
    with pytest.raises(InvalidInput, match="license says no owner") as caught:
        Offline().cases("license", {**block, "block.py": block["block.py"].replace("    owner=", "    # owner=")})
    assert caught.value.problem.file == "provisioners/license/block.py"
