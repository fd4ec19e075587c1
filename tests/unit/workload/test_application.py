"""`roadbed.yaml`: what is in force, what is only read, what is refused."""

from __future__ import annotations

import pytest

from roadbed.kit.errors import InvalidInput
from roadbed.workload.application import read_application
from roadbed.workload.document import plain

WHOLE = """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: orders, owner: group:default/payments, description: Takes orders, system: shop}
workloads:
  web:
    score: score.yaml
    release: [python, manage.py, migrate]
    scale: {min: 2, max: 10, cpu: 70}
    rollout: {strategy: canary, steps: [{weight: 10, pause: 2m}, {weight: 50, pause: 5m}]}
    domains: [orders.example.com]
jobs:
  report: {schedule: "0 3 * * *", timezone: Europe/Madrid, command: [python, report.py]}
resources:
  exports: {type: s3, params: {versioned: true}}
environments:
  prod: {workloads: {web: {scale: {min: 4}}}}
"""
HEAD = "apiVersion: roadbed.dev/v1\nkind: Application\n"


def test_the_whole_file_is_read() -> None:
    application = read_application(WHOLE, file="roadbed.yaml")
    web = application.workloads["web"]
    assert application.owner is not None
    assert (application.name, application.owner.value, application.system) == (
        "orders",
        "group:default/payments",
        "shop",
    )
    assert (web.score, web.release, web.replicas) == ("score.yaml", ("python", "manage.py", "migrate"), 2)
    assert [(problem.line, problem.message) for problem in application.not_in_force] == [
        (8, "workloads.web.scale.max is not in force here yet"),
        (8, "workloads.web.scale.cpu is not in force here yet"),
        (9, "workloads.web.rollout.strategy: canary is not in force here yet"),
        (9, "workloads.web.rollout.steps is not in force here yet"),
        (10, "workloads.web.domains is not in force here yet"),
    ]


def test_only_the_head_is_required() -> None:
    application = read_application(HEAD, file="roadbed.yaml")
    assert (application.name, application.owner, dict(application.workloads)) == (None, None, {})


@pytest.mark.parametrize(
    ("text", "message", "hint", "line", "column"),
    [
        ("kind: Application", "apiVersion is missing", "add `apiVersion:`", 1, 1),
        (HEAD.replace("v1", "v2"), "apiVersion must be roadbed.dev/v1", None, 1, 13),
        (HEAD + "workload: {}", "workload is not a known field", "did you mean 'workloads'?", 3, 1),
        (HEAD + "metadata: {ower: a}", "metadata.ower is not a known field", "did you mean 'owner'?", 3, 12),
        (
            HEAD + "metadata: {owner: 'user:default/x'}",
            "metadata.owner has the wrong form: 'user:default/x'",
            "group:default/payments",
            3,
            19,
        ),
        (HEAD + "metadata: {owner: 'a b'}", "metadata.owner has the wrong form", "group:default/payments", 3, 19),
        (HEAD + "workloads: {web: {scale: {min: two}}}", "workloads.web.scale.min must be a whole number", None, 3, 32),
        (
            HEAD + "workloads: {web: {scale: {min: 3, max: 2}}}",
            "workloads.web.scale.max is below min: 2 < 3",
            None,
            3,
            35,
        ),
        (HEAD + "workloads: {web: {release: migrate}}", "workloads.web.release must be a list", None, 3, 28),
        (HEAD + "workloads: {web: {rollout: {strategy: big-bang}}}", "strategy must be rolling or", None, 3, 39),
        (HEAD + "workloads: {web: {domains: [a b]}}", "workloads.web.domains[0] has the wrong form", None, 3, 29),
        (HEAD + "jobs: {nightly: {schedule: daily, command: [a]}}", "schedule: 'daily' has 1 of", None, 3, 28),
        (
            HEAD + "environments: {prod: {workloads: {web: {scal: {}}}}}",
            "is not a known field",
            "did you mean 'scale'",
            3,
            41,
        ),
    ],
)
def test_a_wrong_file_is_refused_at_its_place(
    text: str, message: str, hint: str | None, line: int, column: int
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_application(text, file="roadbed.yaml")
    error = caught.value
    assert message in error.message
    assert (hint or "") in (error.hint or "")
    assert (error.problem.line, error.problem.column) == (line, column)


LAYERED = (
    HEAD
    + """\
workloads: {web: {release: [migrate], scale: {min: 1}, overrides: [a.yaml], properties: {x.y: 1, x.z: 2}}}
resources: {db: {type: postgres, params: {size: small}}}
environments:
  prod:
    variables: {LEVEL: warn}
    workloads: {web: {release: [], scale: {min: 4, max: 9}, overrides: [b.yaml], properties: {x.y: 5, x.z: null}}}
    resources: {db: {params: {size: large}}, files: {type: s3}}
  test: {}
"""
)


def test_an_environments_layer_lies_over_the_file() -> None:
    base = read_application(LAYERED, file="roadbed.yaml", environment="dev")
    prod = read_application(LAYERED, file="roadbed.yaml", environment="prod")
    assert list(base.environments) == list(prod.environments) == ["prod", "test"]
    web, there = base.workloads["web"], prod.workloads["web"]
    assert (web.release, web.replicas, [each.value for each in web.overrides]) == (("migrate",), 1, ["a.yaml"])
    assert (there.release, there.replicas, [each.value for each in there.overrides]) == ((), 4, ["b.yaml"])
    assert [(each.path, each.value and plain(each.value), each.place.line) for each in there.properties] == [
        ("x.y", 5, 8),
        ("x.z", None, 8),
    ]
    assert {name: (one.uid(""), one.params) for name, one in prod.common.resources.items()} == {
        "db": ("postgres.default#db", {"size": "large"}),
        "files": ("s3.default#files", {}),
    }
    assert (base.variables, prod.variables["LEVEL"].value) == ({}, "warn")
    assert [problem.message for problem in base.not_in_force] == []
    assert [problem.line for problem in prod.not_in_force] == [8]


@pytest.mark.parametrize(
    ("layer", "message", "line"),
    [
        ("workloads: {web: {scale: {max: 1}}}", "workloads.web.scale.max is below min in prod: 1 < 2", 6),
        ("resources: {db: {params: {a: 1}}}", "resources.db.type is missing", 6),
        ("jobs: {night: {schedule: '0 3 * * *'}}", "jobs.night.command is missing", 6),
        ("variables: {A: '${resources.gone.host}'}", "there is no resource 'gone'", 6),
        ("workloads: {web: {scale: {min: null, max: 0}}}", "environments.prod.workloads.web.scale.max must", 6),
        ("resources: {db: {type: null}}", "resources.db.type is missing", 6),
        ("build: {}", "environments.prod.build is not a known field", 6),
    ],
)
def test_what_a_layer_makes_of_the_file_is_checked_for_every_environment(layer: str, message: str, line: int) -> None:
    text = HEAD + f"workloads: {{web: {{scale: {{min: 2}}}}}}\nenvironments:\n  prod:\n    {layer}\n"
    with pytest.raises(InvalidInput) as caught:
        read_application(text, file="roadbed.yaml", environment="dev")
    assert message in caught.value.message
    assert caught.value.problem.line == line


TAKING_AWAY = (
    HEAD
    + """jobs:
  night: {schedule: '@daily', command: [a]}
workloads:
  web: {release: [migrate], scale: {min: 2}, properties: {a.b: 1}}
  properties: {release: [migrate]}
resources:
  files: {type: s3, params: {versioned: true, size: 1}}
  cache: {type: redis}
environments:
  dev:
    jobs: null
    workloads: {web: {release: null, scale: null, properties: {a.b: null}}, properties: {release: ~}}
    resources:
      files: {params: {versioned: null}}
      cache:
      gone: null
"""
)


def test_null_in_a_layer_takes_a_key_away() -> None:
    dev = read_application(TAKING_AWAY, file="roadbed.yaml", environment="dev")
    web = dev.workloads["web"]
    assert (web.release, web.replicas, [(one.path, one.value) for one in web.properties]) == ((), None, [("a.b", None)])
    assert dev.workloads["properties"].release == ()
    assert {name: one.params for name, one in dev.common.resources.items()} == {"files": {"size": 1}}
    assert [(problem.line, problem.message) for problem in dev.removed] == [
        (13, "jobs (roadbed.yaml:3) is taken away in dev"),
        (14, "workloads.web.release (roadbed.yaml:6) is taken away in dev"),
        (14, "workloads.web.scale (roadbed.yaml:6) is taken away in dev"),
        (14, "workloads.properties.release (roadbed.yaml:7) is taken away in dev"),
        (16, "resources.files.params.versioned (roadbed.yaml:9) is taken away in dev"),
        (17, "resources.cache (roadbed.yaml:10) is taken away in dev"),
    ]
    (nothing,) = dev.not_in_force
    assert str(nothing) == "roadbed.yaml:18:7: environments.dev.resources.gone takes away what is not there"
    prod = read_application(TAKING_AWAY, file="roadbed.yaml", environment="prod")
    assert (prod.removed, len(prod.common.resources)) == ((), 2)


@pytest.mark.parametrize("schedule", ["0 3 * * *", "*/15 8-18 * * MON-FRI", "@daily", "0 0 29 2 *"])
def test_a_schedule_that_comes_is_taken(schedule: str) -> None:
    read_application(HEAD + f"jobs: {{night: {{schedule: '{schedule}', command: [a]}}}}", file="roadbed.yaml")


@pytest.mark.parametrize(
    "schedule", ["61 * * * *", "0 0 30 2 *", "* * * *", "0 0 * * 9", "*/0 * * * *", "R * * * *", "daily", "0 0 * * XYZ"]
)
def test_a_schedule_that_never_comes_is_refused(schedule: str) -> None:
    with pytest.raises(InvalidInput, match=r"jobs.night.schedule"):
        read_application(HEAD + f"jobs: {{night: {{schedule: '{schedule}', command: [a]}}}}", file="roadbed.yaml")


def test_a_time_zone_is_one_of_the_database() -> None:
    job = "jobs: {night: {schedule: '@daily', timezone: Europe/Madird, command: [a]}}"
    with pytest.raises(InvalidInput, match=r"'Europe/Madird'; did you mean 'Europe/Madrid'\?"):
        read_application(HEAD + job, file="roadbed.yaml")


@pytest.mark.parametrize(
    ("base", "layer", "line", "message"),
    [
        (
            "scale: {max: 2}",
            "scale: {min: 5}",
            3,
            "workloads.web.scale.max is below min in prod: 2 < 5 in roadbed.yaml:4",
        ),
        (
            "rollout: {strategy: canary, steps: [{weight: 5}]}",
            "rollout: {strategy: rolling}",
            3,
            "workloads.web.rollout.steps in prod are for the strategy canary",
        ),
        ("rollout: {strategy: canary, steps: [{weight: 5}]}", "rollout: {strategy: rolling, steps: []}", None, None),
        ("rollout: {strategy: canary, steps: [{weight: 5}]}", "rollout: {strategy: rolling, steps: null}", None, None),
    ],
)
def test_what_only_a_layer_makes_wrong_names_its_environment(
    base: str, layer: str, line: int | None, message: str | None
) -> None:
    text = (
        "apiVersion: roadbed.dev/v1\nkind: Application\n"
        f"workloads: {{web: {{{base}}}}}\nenvironments: {{prod: {{workloads: {{web: {{{layer}}}}}}}}}\n"
    )
    if message is None:
        assert read_application(text, file="roadbed.yaml", environment="prod").workloads
        return
    with pytest.raises(InvalidInput) as caught:
        read_application(text, file="roadbed.yaml")
    assert (caught.value.problem.line, caught.value.message) == (line, message)
