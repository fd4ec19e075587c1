"""Reads a `railway.json` or `railway.toml`: how one service is built, started and watched.

Source of the fields: Railway's reference of its configuration as code.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from roadbed.detection.domain import WEB, HealthCheck, Process, Reading
from roadbed.detection.foreign import ForeignReader
from roadbed.detection.json_text import parse_json
from roadbed.detection.toml_text import parse_toml
from roadbed.workload.reader import Fields

_DEPLOY = frozenset(("startCommand", "preDeployCommand", "numReplicas", "healthcheckPath", "cronSchedule"))
_SAYS_NOTHING = frozenset((
    "$schema", "builder", "nixpacksVersion", "nixpacksPlan", "nixpacksConfigPath", "railpackVersion", "watchPatterns",
    "region", "multiRegionConfig", "runtime", "healthcheckTimeout", "restartPolicyType", "restartPolicyMaxRetries",
    "sleepApplication", "overlapSeconds", "drainingSeconds", "useLegacyStacker",
))  # fmt: skip


def read_railway(text: str, file: str = "railway.json") -> Reading:
    """Raises InvalidInput with everything that is wrong in what is read."""
    reader = _RailwayReader()
    parse = parse_toml if file.endswith(".toml") else parse_json
    root = reader.mapping(parse(text, file), "")
    build, deploy = root.mapping("build"), root.mapping("deploy")
    reader.leave_rest(root, ("build", "deploy"), _SAYS_NOTHING)
    reader.leave_rest(build, ("buildCommand", "dockerfilePath"), _SAYS_NOTHING)
    reader.leave_rest(deploy, _DEPLOY, _SAYS_NOTHING)
    process = reader.process(build, deploy)
    reader.findings.raise_if_any(file)
    return Reading(file, processes={process.name: process}, unmapped=reader.in_order())


class _RailwayReader(ForeignReader):
    def process(self, build: Fields, deploy: Fields) -> Process:
        """Without a schedule it gets traffic."""
        schedule = self._text(deploy, "cronSchedule")
        return Process(
            "job" if schedule else WEB,
            deploy.place("startCommand") if "startCommand" in deploy else deploy.node.place,
            command=self._text(deploy, "startCommand"),
            public=not schedule,
            replicas=deploy.integer("numReplicas", 0, 100) if "numReplicas" in deploy else None,
            schedule=schedule,
            checks=tuple(self._checks(deploy)),
            dockerfile=self._dockerfile(build),
            build=self._text(build, "buildCommand"),
            release=self._release(deploy),
            release_place=deploy.place("preDeployCommand") if "preDeployCommand" in deploy else None,
        )

    def _dockerfile(self, build: Fields) -> str | None:
        if path := self._text(build, "dockerfilePath"):
            return posixpath.normpath(path.lstrip("/"))
        return "Dockerfile" if self._text(build, "builder") == "DOCKERFILE" else None

    def _text(self, fields: Fields, name: str) -> str | None:
        """Each may be null, for what the service's own settings say."""
        node = fields.get(name)
        return None if node is None or getattr(node, "value", "") is None else fields.text(name) or None

    def _release(self, deploy: Fields) -> str | None:
        """One command, or several that are run one after the other."""
        node = deploy.get("preDeployCommand")
        if node is not None and hasattr(node, "items"):
            return " && ".join(deploy.words("preDeployCommand")) or None
        return self._text(deploy, "preDeployCommand")

    def _checks(self, deploy: Fields) -> Iterator[HealthCheck]:
        if path := self._text(deploy, "healthcheckPath"):
            yield HealthCheck("readiness", deploy.place("healthcheckPath"), path=path)
