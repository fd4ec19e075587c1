"""What a Ruby tree runs: Rails, or anything that Rack starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from roadbed.detection.domain import WEB, Process, Reading, Variable
from roadbed.detection.evidence import evidence
from roadbed.detection.listening import ADDRESS, HOST, PORT
from roadbed.detection.tree import Tree
from roadbed.workload.document import Place

FILE = "Gemfile"
_GEM = re.compile(r"""^\s*gem\s*\(?\s*["']([\w-]+)["']""")
_RUBY = re.compile(r"""^\s*ruby\s*\(?\s*["']([^"']+)["']""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Gems:
    names: Mapping[str, Place] = field(default_factory=dict)
    ruby: str | None = None


def read_gems(tree: Tree) -> Gems | None:
    if (text := tree.text(FILE)) is None:
        return None
    lines = enumerate(text.splitlines(), start=1)
    names = {match[1]: Place(FILE, number, 1) for number, line in lines if (match := _GEM.match(line))}
    version = _RUBY.search(text)
    return Gems(names, version[1] if version else None)


def read_ruby(tree: Tree, gems: Gems) -> Reading | None:
    web = _rails(tree, gems) if "rails" in gems.names and "config/application.rb" in tree else _rack(tree, gems)
    if web is None:
        return None
    processes = {WEB: web, **{process.name: process for process in _workers(tree, gems)}}
    return Reading(FILE, processes=processes)


def _rails(tree: Tree, gems: Gems) -> Process:
    place = gems.names["rails"]
    puma = "puma" in gems.names and "config/puma.rb" in tree
    settings = {
        "RAILS_ENV": "production",
        "RAILS_LOG_TO_STDOUT": "1",
        "RAILS_SERVE_STATIC_FILES": "1",
    }
    variables = {name: Variable(name, place, value=value) for name, value in settings.items()}
    variables["SECRET_KEY_BASE"] = Variable("SECRET_KEY_BASE", place, "generated")
    migrations = any(path.startswith("db/migrate/") for path in tree.paths)
    assets = any(path.startswith("app/assets/") for path in tree.paths)
    return Process(
        WEB,
        place,
        f"bundle exec puma -C config/puma.rb -b tcp://{ADDRESS}"
        if puma
        else f"bundle exec rails server -b {HOST} -p {PORT}",
        public=True,
        release="bundle exec rails db:migrate" if migrations else None,
        build="SECRET_KEY_BASE_DUMMY=1 RAILS_ENV=production bundle exec rails assets:precompile" if assets else None,
        variables=variables,
        evidence=evidence(tree, place, Place("config/application.rb", 1, 1)),
    )


def _rack(tree: Tree, gems: Gems) -> Process | None:
    if "config.ru" not in tree:
        return None
    puma = gems.names.get("puma")
    command = f"bundle exec puma -b tcp://{ADDRESS}" if puma else f"bundle exec rackup -o {HOST} -p {PORT}"
    place = Place("config.ru", 1, 1)
    variables = {"RACK_ENV": Variable("RACK_ENV", place, value="production")}
    places = (place, puma) if puma else (place,)
    return Process(WEB, place, command, public=True, variables=variables, evidence=evidence(tree, *places))


def _workers(tree: Tree, gems: Gems) -> Iterator[Process]:
    if place := gems.names.get("sidekiq"):
        yield Process("worker", place, "bundle exec sidekiq", evidence=evidence(tree, place))
