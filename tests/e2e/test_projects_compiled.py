"""Projects of Go and Ruby, where their tools are on the machine: each answers over the gateway."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from live_platform import LivePlatform, StartPlatform
from wild_projects import Project, second_deploy_installs_nothing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    """One for all projects of this module."""
    return start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on this machine")
def test_go(platform: LivePlatform) -> None:
    project = Project(platform, "go-hello")
    project.deploy()
    assert project.get().body == b"Hello from Go\n"
    compiled = platform.home / "builds/cache/go-build"
    before = {path.name for path in compiled.rglob("*-d")}
    project.change("words/words.go", "Hello from Go", "Hello from Go, again")
    assert project.deploy()["release"] == "v2"
    assert project.get().body == b"Hello from Go, again\n"
    assert before < {path.name for path in compiled.rglob("*-d")}, "what was compiled before is used again"
    used = platform.json("builds", "prune", "--dry-run")["before"]
    assert used["cache"] >= sum(path.stat().st_size for path in compiled.rglob("*-d"))


@pytest.mark.skipif(shutil.which("bundle") is None, reason="Ruby and Bundler are not on this machine")
def test_ruby(platform: LivePlatform) -> None:
    """First without a lock: Bundler can write none where it runs, so it is shown the one that it made on installing.
    Then with a gem that is packed beside it.
    """
    project = Project(platform, "ruby-hello")
    project.deploy()
    assert project.get().body == b"Hello from Ruby\n"
    second_deploy_installs_nothing(project, "server.rb", "Hello from Ruby")

    words, packed = project.folder / "words", project.folder / "vendor/cache"
    packed.mkdir(parents=True)
    gem = str(packed / "hello_words-0.1.0.gem")
    subprocess.run(["gem", "build", "hello_words.gemspec", "-o", gem], cwd=words, check=True, capture_output=True)
    (words / "Gemfile.lock").rename(project.folder / "Gemfile.lock")
    shutil.rmtree(words)
    project.change("Gemfile", "\n", '\ngem "hello_words"\n')
    project.change("server.rb", 'require "socket"', 'require "hello_words"\nrequire "socket"')
    project.change("server.rb", "#{GREETING}", "#{GREETING}#{HelloWords::END_OF_IT}")
    project.deploy()
    assert project.get().body == b"Hello from Ruby, again, and a gem\n"
