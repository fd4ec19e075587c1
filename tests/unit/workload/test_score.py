"""Score files: what is read, and what each wrong input gets."""

from __future__ import annotations

import pytest

from roadbed.kit.errors import InvalidInput, Problem
from roadbed.workload.domain import HttpGet, Port
from roadbed.workload.parsing import parse_document
from roadbed.workload.score import read_score, read_tree

WHOLE = """\
apiVersion: score.dev/v1b1
metadata:
  name: web
  annotations: {a.b/c: "1"}
service:
  ports:
    http: {port: 80, targetPort: 8080}
    dns: {port: 53, protocol: UDP}
containers:
  first:
    image: .
    before: {main: {ready: healthy}}
    livenessProbe: {exec: {command: [true-it-is]}}
  main:
    image: .
    command: [python, -m, app]
    args: ["$HOME"]
    variables:
      HOST: ${resources.db.host}
      NOTE: ${metadata.annotations.a\\.b/c}
    files:
      /etc/app.conf: {content: "x=${metadata.name}", mode: "0640"}
      /etc/raw: {binaryContent: AAE=}
      /etc/own: {source: conf/own.ini, noExpand: true}
    volumes:
      /data: {source: "${resources.vol}", readOnly: true}
    resources:
      limits: {cpu: "1.5", memory: 1.5Gi}
      requests: {cpu: 250m, memory: 64M}
    readinessProbe:
      httpGet: {port: 8080, path: /health, httpHeaders: [{name: X-A, value: b}]}
resources:
  db: {type: postgres, params: {extensions: [pg_trgm]}}
  shared: {type: postgres, class: large, id: team.orders-db}
  vol: {type: volume}
"""


def test_every_field_is_read() -> None:
    workload = read_score(WHOLE, file="score.yaml")
    main = workload.containers["main"]
    assert workload.name == "web"
    assert workload.ports["http"] == Port(80, 8080, "TCP", workload.ports["http"].place)
    assert (workload.ports["dns"].target_port, workload.ports["dns"].protocol) == (53, "UDP")
    assert (main.command, main.args) == (("python", "-m", "app"), ("$HOME",))
    assert (main.variables["HOST"].value, main.variables["HOST"].place.line) == ("${resources.db.host}", 19)
    assert (main.files["/etc/app.conf"].mode, main.files["/etc/raw"].binary) == ("0640", b"\0\1")
    assert (main.files["/etc/own"].source, main.files["/etc/own"].no_expand) == ("conf/own.ini", True)
    assert main.volumes["/data"].read_only
    assert (main.limits.cpu_millis, main.limits.memory_bytes) == (1500, 3 * 2**29)
    assert (main.requests.cpu_millis, main.requests.memory_bytes) == (250, 64_000_000)
    assert main.readiness is not None
    assert main.readiness.http == HttpGet(8080, "/health", headers=(("X-A", "b"),))
    assert workload.containers["first"].before == {"main": "healthy"}
    assert workload.resources["db"].uid("web") == "postgres.default#web.db"
    assert workload.resources["shared"].uid("web") == "postgres.large#team.orders-db"


def test_older_spellings_come_to_the_same() -> None:
    older = WHOLE.replace(
        '      /etc/app.conf: {content: "x=${metadata.name}", mode: "0640"}\n'
        "      /etc/raw: {binaryContent: AAE=}\n"
        "      /etc/own: {source: conf/own.ini, noExpand: true}\n",
        '      - {target: /etc/app.conf, content: ["x=${metadata.name}", "y"]}\n',
    ).replace(
        '      /data: {source: "${resources.vol}", readOnly: true}',
        '      - {target: /data, source: "${resources.vol}", read_only: true}',
    )
    main = read_score(older, file="score.yaml").containers["main"]
    content = main.files["/etc/app.conf"].content
    assert content is not None
    assert content.value == "x=${metadata.name}\ny"
    assert main.volumes["/data"].read_only


MINIMAL = "apiVersion: score.dev/v1b1\nmetadata: {name: web}\ncontainers:\n  main:\n    image: .\n"

WRONG = [
    ("", "the file must be a mapping, not nothing", 1, 1),
    ("a: [", "this is not valid YAML: did not find expected node content", 2, 1),
    ("\t- a", "this is not valid YAML: found character that cannot start any token", 1, 1),
    ("a: 1\na: 2", "'a' is given twice; first in line 1", 2, 1),
    ("a: !!python/name:os.system x", "the tag 'tag:yaml.org,2002:python/name:os.system' is not allowed here", 1, 4),
    ("&a [*a]", "*a stands inside itself", 1, 5),
    ("[*a]", "nothing is anchored as &a", 1, 2),
    ("? [a]\n: b", "a key must be text", 1, 3),
    ("a: b\n---\nc: d", "there is a second document in this file", 3, 1),
    ("[" * 100, "this is nested more than 64 deep", 1, 65),
    (MINIMAL.replace("v1b1", "v1b2"), "apiVersion must be score.dev/v1b1, not 'score.dev/v1b2'", 1, 13),
    (MINIMAL.replace("{name: web}", "{name: Web}"), "metadata.name has the wrong form: 'Web'", 2, 18),
    (MINIMAL.replace("{name: web}", "{}"), "metadata.name is missing", 2, 11),
    (MINIMAL.replace("{name: web}", "{name: web, annotations: {a: 1}}"), "metadata.annotations.a must be text", 2, 40),
    (MINIMAL.replace("image: .", "imgae: ."), "containers.main.imgae is not a known field", 5, 5),
    (MINIMAL.replace("image: .", 'image: ""'), "containers.main.image must not be empty", 5, 12),
    (MINIMAL.replace("  main:\n    image: .\n", "  {}"), "containers is empty", 3, 1),
    (MINIMAL.replace("  main:\n", "  Main_1:\n"), "containers.Main_1 has a name that is not allowed", 4, 3),
    (MINIMAL + "    command: python app.py\n", "containers.main.command must be a list, not text", 6, 14),
    (MINIMAL + "    args: [1]\n", "containers.main.args[0] must be text, not a number", 6, 12),
    (MINIMAL + "    variables: {PORT: 80}\n", "containers.main.variables.PORT must be text, not a number", 6, 23),
    (MINIMAL + "    variables: {A=B: c}\n", "containers.main.variables.A=B is not a name for a variable", 6, 17),
    (MINIMAL + '    variables: {A: "${x.y}"}\n', "${x.y} refers to 'x'; only metadata and resources can be", 6, 20),
    (
        MINIMAL + '    variables: {A: "${resources.db.host}"}\n',
        "${resources.db.host}: there is no resource 'db'",
        6,
        20,
    ),
    (MINIMAL + '    variables: {A: "${metadata.nam}"}\n', "${metadata.nam}: there is no 'nam' in metadata", 6, 20),
    (MINIMAL + '    variables: {A: "${resources}"}\n', "${resources} does not say which value is meant", 6, 20),
    (MINIMAL + "    files: {/a: {}}\n", "containers.main.files./a needs exactly one of source, content and", 6, 17),
    (MINIMAL + "    files: {/a: {content: x, source: y}}\n", "containers.main.files./a needs exactly one of", 6, 17),
    (
        MINIMAL + "    files: {/a: {source: ../x}}\n",
        "containers.main.files./a.source leads out of the source tree",
        6,
        18,
    ),
    (MINIMAL + "    files: {/a: {source: /etc/passwd}}\n", "containers.main.files./a.source leads out", 6, 18),
    (MINIMAL + "    files: {/a: {content: x, mode: 0644}}\n", "containers.main.files./a.mode must be text", 6, 36),
    (
        MINIMAL + '    files: {/a: {binaryContent: "*"}}\n',
        "containers.main.files./a.binaryContent is not base64",
        6,
        18,
    ),
    (
        MINIMAL + "    files: {../a: {content: x}}\n",
        "containers.main.files.../a is not a path within the container",
        6,
        13,
    ),
    (MINIMAL + "    files: {.: {content: x}}\n", "containers.main.files.. is not a path within the container", 6, 13),
    (MINIMAL + "    files: {/sys/a: {content: x}}\n", "nothing can be put at /sys/a, which is the kernel's", 6, 13),
    (
        MINIMAL + "    files: {a: {content: x}, /app/a: {content: x}}\n",
        "containers.main.files./app/a is the same place as another target: /app/a",
        6,
        30,
    ),
    (
        MINIMAL + "    volumes: {data: {source: v}}\n    files: {/app/data/a: {content: x}}\n",
        "containers.main.files./app/data/a is to stand within the volume at /app/data",
        7,
        13,
    ),
    (
        MINIMAL + "    volumes: {/a: {source: v}, /a/b: {source: v}}\n",
        "containers.main.volumes./a/b is to stand within the volume at /a",
        6,
        32,
    ),
    (
        MINIMAL + "    volumes: {/a: {source: v, path: ../x}}\n",
        "containers.main.volumes./a.path leads out of the volume: '../x'",
        6,
        31,
    ),
    (
        MINIMAL + "    before: {other: {ready: healthy}}\n  other: {image: .}\n",
        "containers.main.before.other waits for 'main' to be healthy, but it has no probe",
        6,
        14,
    ),
    (MINIMAL + "    volumes: {/a: {}}\n", "containers.main.volumes./a.source is missing", 6, 19),
    (
        MINIMAL + "    resources: {limits: {memory: 5Q}}\n",
        "containers.main.resources.limits.memory has the wrong",
        6,
        34,
    ),
    (MINIMAL + "    resources: {limits: {cpu: 1.}}\n", "containers.main.resources.limits.cpu must be text", 6, 31),
    (MINIMAL + "    readinessProbe: {}\n", "containers.main.readinessProbe needs httpGet, exec or both", 6, 21),
    (MINIMAL + "    readinessProbe: {httpGet: {port: http, path: /}}\n", "httpGet.port must be a whole number", 6, 38),
    (MINIMAL + "    readinessProbe: {httpGet: {port: 99999, path: /}}\n", "must be between 1 and 65535", 6, 38),
    (MINIMAL + "    before: {other: {ready: started}}\n", "containers.main.before.other: there is no container", 6, 14),
    (MINIMAL + "    before: {main: {ready: started}}\n", "containers wait for each other: main → main", 6, 14),
    (MINIMAL + "service: {ports: {http: {}}}\n", "service.ports.http.port is missing", 6, 25),
    (
        MINIMAL + "service: {ports: {aa: {port: 1}, bb: {port: 1}}}\n",
        "service.ports.bb has the same port 1 as aa",
        6,
        38,
    ),
    (MINIMAL + "service: {ports: {aa: {port: 1, protocol: HTTP}}}\n", "must be TCP or UDP, not 'HTTP'", 6, 43),
    (MINIMAL + "resources: {db: {}}\n", "resources.db.type is missing", 6, 17),
    (MINIMAL + "resources: {db: {type: postgres, id: A_b}}\n", "resources.db.id has the wrong form: 'A_b'", 6, 38),
    (
        MINIMAL + 'resources: {db: {type: a, params: {x: "${resources.db.y}"}}}\n',
        "resources refer to each other: db",
        6,
        17,
    ),
    (MINIMAL + "resorces: {}\n", "resorces is not a known field", 6, 1),
]


@pytest.mark.parametrize(("text", "message", "line", "column"), WRONG)
def test_a_wrong_file_is_refused_at_its_place(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_score(text, file="score.yaml")
    problems = caught.value.problems or (caught.value.problem,)
    found = next((problem for problem in problems if message in problem.message), None)
    assert found is not None, problems
    assert (found.file, found.line, found.column) == ("score.yaml", line, column)


def test_an_unknown_field_names_the_nearest_one() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_score(MINIMAL + "resorces: {}\n", file="score.yaml")
    assert caught.value.hint == "did you mean 'resources'?"


def test_all_problems_come_at_once() -> None:
    text = MINIMAL.replace("name: web", "name: W") + "    comand: []\n    variables: {PORT: 80}\n"
    with pytest.raises(InvalidInput) as caught:
        read_score(text, file="score.yaml")
    assert [(problem.line, problem.message) for problem in caught.value.problems] == [
        (2, "metadata.name has the wrong form: 'W'"),
        (6, "containers.main.comand is not a known field"),
        (7, "containers.main.variables.PORT must be text, not a number"),
    ]
    assert isinstance(caught.value.problems[0], Problem)
    assert caught.value.message == "score.yaml has 3 problems"


MANY = """\
apiVersion: score.dev/v1b1
metadata: {name: W}
containers:
  main:
    image: nginx
    files: {/proc/a: {content: x}, /b: {source: gone}}
    variables: {A: "${resources.db.name}"}
    before:
      main: {ready: healthy}
      nope: {ready: started}
  aa: {image: ., before: {bb: {ready: started}}}
  bb: {image: ., before: {cc: {ready: started}}}
  cc:
    image: .
    before:
      aa: {ready: started}
resources:
  xx: {type: a, params: {x: "${resources.yy.z}"}}
  yy: {type: a, params: {x: "${resources.xx.z}"}}
  zz: {type: a, params: {x: "${resources.zz.z}", y: "${resources}"}}
"""


def test_no_problem_hides_another() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_tree(parse_document(MANY, "score.yaml"), file="score.yaml", runs_images=False, has=lambda _: False)
    found = {(problem.line, problem.message) for problem in caught.value.problems}
    circles = {(line, message) for line, message in found if "each other" in message}
    assert found - circles == {
        (2, "metadata.name has the wrong form: 'W'"),
        (5, "the image 'nginx' can't be run by the process runtime"),
        (6, "containers.main.files./proc/a: nothing can be put at /proc/a, which is the kernel's"),
        (6, "there is no file 'gone'"),
        (7, "${resources.db.name}: there is no resource 'db' in this file"),
        (9, "containers.main.before.main waits for 'main' to be healthy, but it has no probe"),
        (10, "containers.main.before.nope: there is no container 'nope'"),
        (20, "${resources} does not say which value is meant"),
    }
    assert (9, "containers wait for each other: main → main") in circles
    assert len(circles) == 3, "each circle once: main, aa with bb and cc, xx with yy"


def test_of_circles_that_share_containers_those_are_told_whose_end_leaves_none() -> None:
    names = [f"c{number}" for number in range(60)]
    each = "\n".join(
        f"  {one}: {{image: ., before: {{{', '.join(f'{n}: {{ready: started}}' for n in names)}}}}}" for one in names
    )
    with pytest.raises(InvalidInput) as caught:
        read_score(f"apiVersion: score.dev/v1b1\nmetadata: {{name: web}}\ncontainers:\n{each}\n", file="score.yaml")
    assert len(caught.value.problems) == 50


def test_a_file_with_images_and_files_that_are_not_there_can_be_read() -> None:
    text = MINIMAL.replace("image: .", "image: nginx") + "    files: {conf/a: {source: a}, /b: {content: b}}\n"
    assert list(read_score(text, file="score.yaml").containers["main"].files) == ["/app/conf/a", "/b"]


def test_a_file_with_the_other_platforms_dialect_of_yaml_keeps_its_words() -> None:
    text = MINIMAL + "    variables: {A: no, B: on, C: 2024-01-01, D: '80'}\n"
    variables = read_score(text, file="score.yaml").containers["main"].variables
    assert [variable.value for variable in variables.values()] == ["no", "on", "2024-01-01", "80"]


def test_merge_keys_and_aliases_are_understood() -> None:
    text = MINIMAL + "    variables: &common {A: a, B: b}\n  other:\n    image: .\n    variables: {<<: *common, B: c}\n"
    variables = read_score(text, file="score.yaml").containers["other"].variables
    assert {name: variable.value for name, variable in variables.items()} == {"A": "a", "B": "c"}


@pytest.mark.parametrize(
    ("container", "message"),
    [
        (
            "files: {/a: {content: x}, /a/b: {content: y}}",
            "containers.main.files./a/b is to stand below /a, which is a file",
        ),
        (
            "files: {/a: {content: x}}, volumes: {/a/b: {source: '${resources.vol}'}}",
            "containers.main.volumes./a/b is to stand below /a, which is a file",
        ),
        ("volumes: {/a: {source: foo}}", "containers.main.volumes./a.source is not a resource of this workload: 'foo'"),
        (
            "resources: {limits: {memory: '0'}}",
            "containers.main.resources.limits.memory is 0 bytes, in which nothing runs",
        ),
        (
            "resources: {limits: {memory: '512'}}",
            "containers.main.resources.limits.memory is 512 bytes, in which nothing runs",
        ),
        ("resources: {limits: {cpu: '0'}}", "containers.main.resources.limits.cpu leaves no CPU"),
        (
            'readinessProbe: {httpGet: {port: 80, path: "/a\\nX: y"}}',
            "containers.main.readinessProbe.httpGet.path holds a line break",
        ),
        ("readinessProbe: {exec: {command: []}}", "containers.main.readinessProbe.exec.command names no program"),
    ],
)
def test_what_could_only_fail_once_it_runs_is_refused_beforehand(container: str, message: str) -> None:
    text = (
        "apiVersion: score.dev/v1b1\nmetadata: {name: web}\n"
        f"containers: {{main: {{image: ., {container}}}}}\nresources: {{vol: {{type: volume}}}}\n"
    )
    with pytest.raises(InvalidInput) as caught:
        read_score(text, file="score.yaml")
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("container", "line", "message"),
    [
        ("files: [{content: x}]", 3, "containers.main.files[0] has no target"),
        ("files: [{target: 3, content: x}]", 3, "containers.main.files[0] has no target"),
        (
            "files: [{target: /a, content: x}, {target: /a, content: y}]",
            3,
            "containers.main.files[1] has the target of line 3: /a",
        ),
        (
            "volumes: [{target: /a, source: '${resources.vol}', read_only: true, readOnly: false}]",
            3,
            "containers.main.volumes./a has both readOnly and read_only",
        ),
        ("files: [x]", 3, "containers.main.files must be a mapping, not a list"),
    ],
)
def test_what_is_wrong_in_an_older_spelling_is_said_in_its_words(container: str, line: int, message: str) -> None:
    text = (
        "apiVersion: score.dev/v1b1\nmetadata: {name: web}\n"
        f"containers: {{main: {{image: ., {container}}}}}\nresources: {{vol: {{type: volume}}}}\n"
    )
    with pytest.raises(InvalidInput) as caught:
        read_score(text, file="score.yaml")
    assert (caught.value.problem.line, caught.value.message) == (line, message)
