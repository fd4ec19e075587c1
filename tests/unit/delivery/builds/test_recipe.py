"""How a source tree is built, decided from its files."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_trees import MACHINE, Files
from roadbed.delivery.builds.domain import Machine, Tool
from roadbed.delivery.builds.recipes.choose import Recipe, Wishes, choose
from roadbed.delivery.builds.recipes.versions import node_fits, plain_range
from roadbed.kit.errors import InvalidInput

PROJECT = b'[project]\nname = "a"\nrequires-python = ">=3.11"\ndependencies = ["h11"]\n'
PACKAGE = b'{"dependencies": {"ms": "2.1.3"}, "scripts": {"build": "vite build"}}'
POETRY = b'[tool.poetry.dependencies]\npython = "^3.11"\nh11 = "^0.14"\n'


def _recipe(
    files: Mapping[str, bytes], source: str = "s1", machine: Machine = MACHINE, wishes: Wishes | None = None
) -> Recipe:
    return choose(source, Files(files), machine, wishes)


def _dependencies(files: Mapping[str, bytes]) -> list[str]:
    return [str(part.inputs.get("dependencies") or part.language) for part in _recipe(files).parts]


@pytest.mark.parametrize(
    ("files", "dependencies"),
    [
        ({"pyproject.toml": PROJECT}, ["pyproject.toml"]),
        ({"pyproject.toml": PROJECT, "uv.lock": b"x"}, ["uv.lock"]),
        ({"pyproject.toml": PROJECT, "requirements.txt": b"h11"}, ["pyproject.toml"]),
        ({"pyproject.toml": b"[tool.ruff]", "requirements.txt": b"h11"}, ["requirements.txt"]),
        ({"pyproject.toml": b'[project]\nname = "a"', "requirements.txt": b"h11"}, ["requirements.txt"]),
        ({"pyproject.toml": POETRY, "poetry.lock": b"x"}, ["poetry.lock"]),
        ({"pyproject.toml": POETRY}, ["pyproject.toml"]),
        ({"Pipfile": b"", "Pipfile.lock": b'{"default": {}}'}, ["Pipfile.lock"]),
        ({"requirements/prod.txt": b"h11"}, ["requirements/prod.txt"]),
        ({"setup.py": b"", "a.py": b""}, ["setup.py"]),
        ({"setup.cfg": b"[metadata]\nname = a", "a.py": b""}, ["setup.cfg", "project"]),
        ({"uv.lock": b"x", "main.py": b""}, ["none"]),
        ({"main.py": b""}, ["none"]),
        ({"package.json": PACKAGE}, ["node"]),
        ({"package.json": PACKAGE, "scripts/tool.py": b""}, ["node"]),
        ({"package.json": PACKAGE, "requirements.txt": b"django"}, ["requirements.txt", "node"]),
        ({"index.html": b"<h1>"}, ["static"]),
    ],
)
def test_the_file_that_says_most_is_followed(files: dict[str, bytes], dependencies: list[str]) -> None:
    assert _dependencies(files) == dependencies


@pytest.mark.parametrize(
    ("files", "unlocked"),
    [
        ({"pyproject.toml": PROJECT}, "pyproject.toml"),
        ({"pyproject.toml": PROJECT, "uv.lock": b"x"}, None),
        ({"requirements.txt": b"h11"}, "requirements.txt"),
        ({"requirements.txt": b"h11==1 --hash=sha256:00"}, None),
        ({"setup.py": b"", "a.py": b""}, "setup.py"),
        ({"package.json": PACKAGE}, "package.json"),
        ({"package.json": PACKAGE, "package-lock.json": b"{}"}, None),
        ({"package.json": b"{}"}, None),
    ],
)
def test_what_no_lock_file_says_is_recorded(files: dict[str, bytes], unlocked: str | None) -> None:
    (part,) = _recipe(files).to_dict()["parts"]
    assert part.get("unlocked") == unlocked


def test_what_serves_files_is_brought_where_something_asks_for_it() -> None:
    recipe = _recipe({"package.json": PACKAGE}, wishes=Wishes(runs=("sh", "-c", "exec roadbed-static dist")))
    assert [part.language for part in recipe.parts] == ["node", "static"]
    assert recipe.parts[1].command is None
    assert _recipe({"index.html": b""}).parts[0].command == ("roadbed-static", ".")


@pytest.mark.parametrize(
    ("wishes", "languages"),
    [
        (Wishes(commands=(("python", "x.py"),)), ["python"]),
        (Wishes(commands=(("sh", "-c", "make && python3 -m http.server"),)), ["python"]),
        (Wishes(commands=(("bash", "x.sh"),), runs=("sh", "-c", "exec python -m http.server $PORT")), ["python"]),
        (Wishes(commands=(("npm", "ci"), ("python", "a"))), ["node", "python"]),
        (Wishes(runs=("/bin/sh", "-c", "node a.js; npx b")), ["node"]),
        (Wishes(commands=(("make", "python-docs", "node.txt", "/opt/python", "python3.11"),)), []),
    ],
)
def test_a_language_that_only_a_command_names_is_there_as_the_machine_has_it(
    wishes: Wishes, languages: list[str]
) -> None:
    parts = _recipe({"x.sh": b"", "a.txt": b""}, wishes=replace(wishes, commands=wishes.commands or ())).parts
    assert [part.language for part in parts] == languages
    assert not any(step.arguments[1:3] == ("pip", "sync") for part in parts for step in part.steps)


def test_a_command_that_names_node_is_refused_where_there_is_none() -> None:
    with pytest.raises(InvalidInput, match="a command names Node, and there is no Node on this machine"):
        _recipe({"a.txt": b""}, machine=replace(MACHINE, tools={}), wishes=Wishes(commands=(("npm", "run", "x"),)))


def test_what_code_imports_is_installed_where_no_file_lists_it() -> None:
    wishes = Wishes(requirements=("fastapi", "uvicorn"))
    part = _recipe({"main.py": b""}, wishes=wishes).parts[0]
    assert part.files["lock/requirements.in"] == b"fastapi\nuvicorn\n"
    assert _recipe({"requirements.txt": b"h11"}, wishes=wishes).parts == _recipe({"requirements.txt": b"h11"}).parts


def test_a_layer_is_shared_by_what_has_the_same_dependencies() -> None:
    first = _recipe({"pyproject.toml": PROJECT, "main.py": b"1"})
    second = _recipe({"pyproject.toml": PROJECT + b"[tool.ruff]\nline-length = 9\n", "main.py": b"2"}, "s2")
    assert second.layers == first.layers
    assert first.artifact("s1") != second.artifact("s2")
    scripts = PACKAGE.replace(b"vite build", b"vite build --minify")
    assert _recipe({"package.json": PACKAGE}).layers == _recipe({"package.json": scripts}, "s2").layers


@pytest.mark.parametrize(
    "other",
    [
        _recipe({"pyproject.toml": PROJECT.replace(b"h11", b"httpx")}),
        _recipe({"pyproject.toml": PROJECT, "uv.lock": b"x"}),
        _recipe({"pyproject.toml": PROJECT + b'[tool.uv]\nindex-url = "https://example.org"\n'}),
        _recipe({"pyproject.toml": PROJECT}, machine=replace(MACHINE, version="3.11.8")),
        _recipe({"pyproject.toml": PROJECT}, machine=replace(MACHINE, platform="linux-aarch64")),
        _recipe({"pyproject.toml": PROJECT}, machine=replace(MACHINE, uv_version="1.0")),
    ],
)
def test_whatever_decides_an_installation_decides_the_layer(other: Recipe) -> None:
    assert other.layers != _recipe({"pyproject.toml": PROJECT}).layers


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": PROJECT + b'[tool.uv.sources]\nlib = {path = "lib"}\n'},
        {"pyproject.toml": PROJECT + b'[tool.uv.workspace]\nmembers = ["lib"]\n'},
        {"requirements.txt": b"./lib\n"},
        {"requirements.txt": b"-r more.txt\n", "more.txt": b"-e .\n"},
        {"package.json": b'{"dependencies": {"a": "file:lib"}}'},
        {"package.json": b'{"workspaces": ["a"]}'},
        {"package.json": b'{"dependencies": {"a": "1"}, "scripts": {"postinstall": "node x.js"}}'},
        {"setup.py": b""},
    ],
)
def test_a_layer_that_reads_the_tree_belongs_to_that_tree(files: dict[str, bytes]) -> None:
    assert _recipe(files).layers != _recipe(files, "s2").layers


def test_requirements_that_are_included_decide_with_it() -> None:
    files = {"requirements.txt": b"-r more/base.txt\n", "more/base.txt": b"h11"}
    assert _recipe(files).layers == _recipe(files, "s2").layers
    assert _recipe(files).layers != _recipe({**files, "more/base.txt": b"httpx"}).layers


def test_secrets_keep_a_layer_to_the_application_that_has_them() -> None:
    files = {"package.json": PACKAGE}
    asked = [_recipe(files, wishes=Wishes(name, secrets=("TOKEN",))).layers for name in ("a", "b")]
    assert asked[0] != asked[1]
    assert _recipe(files, wishes=Wishes("a")).layers == _recipe(files, wishes=Wishes("b")).layers


def test_which_secrets_are_set_decides_an_artifact() -> None:
    recipe = _recipe({"a.py": b""}, wishes=Wishes("a", secrets=("TOKEN",)))
    assert (
        recipe.artifact("s", ["TOKEN", "OTHER"]) == recipe.artifact("s", ["TOKEN"]) != recipe.artifact("s", ["OTHER"])
    )


def test_variables_of_the_build_decide_what_its_commands_make_and_nothing_else() -> None:
    node, plain = {"package.json": PACKAGE}, {"a.py": b""}
    given = Wishes("a", variables={"VITE_API": "/api"})
    assert _recipe(node, wishes=given).artifact("s") != _recipe(node, wishes=Wishes("a")).artifact("s")
    assert _recipe(plain, wishes=given).artifact("s") == _recipe(plain, wishes=Wishes("a")).artifact("s")
    assert _recipe(node, wishes=given).layers == _recipe(node, wishes=Wishes("a")).layers


def test_commands_are_found_or_said() -> None:
    django = {"requirements.txt": b"django", "manage.py": b"", "shop/settings.py": b"STATIC_ROOT = 1"}
    recipe = _recipe({"package.json": PACKAGE, **django})
    assert [command.arguments for command in recipe.commands] == [
        ("npm", "run", "build"),
        ("python", "manage.py", "collectstatic", "--noinput"),
    ]
    assert [command.optional for command in recipe.commands] == [False, True]
    said = _recipe(django, wishes=Wishes(commands=(("sh", "-c", "make all"),)))
    assert [command.does for command in said.commands] == ["Running make all"]
    assert _recipe(django, wishes=Wishes(commands=())).commands == ()


@pytest.mark.parametrize(
    ("files", "message", "file"),
    [
        ({"pyproject.toml": b"["}, "this is not valid TOML", "pyproject.toml"),
        ({"pyproject.toml": b"\xff"}, "this is not valid TOML", "pyproject.toml"),
        ({"pyproject.toml": b"project = 1"}, "must be a table", "pyproject.toml"),
        (
            {"pyproject.toml": b"[project]\nrequires-python = 3"},
            "not a range of Python versions: 3",
            "pyproject.toml",
        ),
        (
            {"pyproject.toml": b'[project]\nrequires-python = ">=3.13"'},
            "the project needs Python >=3.13, and this machine builds with 3.11.7",
            "pyproject.toml",
        ),
        ({"pyproject.toml": POETRY.replace(b"^3.11", b"^3.12")}, "needs Python ^3.12", "pyproject.toml"),
        ({"package.json": b"{"}, "this is not valid JSON", "package.json"),
        ({"package.json": b"[]"}, "no package.json", "package.json"),
        ({"Pipfile.lock": b"[]"}, "no lock file of Pipenv", "Pipfile.lock"),
        (
            {"Pipfile.lock": b'{"default": {"a": {"version": "==1\\n-r /etc/passwd"}}}'},
            "no lock file of Pipenv",
            "Pipfile.lock",
        ),
        ({"go.mod": b"module a"}, "there is no Go on this machine", "go.mod"),
        ({"Gemfile": b""}, "there is no Ruby on this machine", "Gemfile"),
        ({}, "there is nothing here that can be built", None),
        ({"pom.xml": b""}, "pom.xml is of Java, which nothing here can build", "pom.xml"),
    ],
)
def test_what_can_not_be_built_is_said(files: dict[str, bytes], message: str, file: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        _recipe(files)
    assert message in caught.value.message
    assert caught.value.problem.file == file


def test_files_that_say_what_they_run_need_no_packages() -> None:
    runs = Wishes(runs=("sh", "run.sh"))
    recipe = _recipe({"score.yaml": b"", "run.sh": b""}, wishes=runs)
    assert (recipe.parts, recipe.commands) == ((), ())
    assert [note.partition(":")[0] for note in recipe.notes] == ["nothing lists packages"]
    assert recipe.artifact("s") != recipe.artifact("t")
    with pytest.raises(InvalidInput, match=r"pom\.xml is of Java"):
        _recipe({"pom.xml": b""}, wishes=runs)
    assert _recipe({"pom.xml": b""}, wishes=Wishes(runs=("java",), commands=())).parts == ()


def test_without_node_it_is_said_what_to_install() -> None:
    with pytest.raises(InvalidInput, match="there is no Node on this machine"):
        _recipe({"package.json": PACKAGE}, machine=replace(MACHINE, tools={}))


def test_another_python_of_the_machine_is_taken_where_it_fits() -> None:
    machine = replace(MACHINE, tools={"python3.13": Tool("/opt/p/bin/python3.13", "3.13.1", "/opt/p")})
    part = _recipe({"pyproject.toml": PROJECT.replace(b">=3.11", b">=3.12")}, machine=machine).parts[0]
    assert (part.version, part.tools, part.steps[0].arguments[-2]) == ("3.13.1", ("/opt/p",), "/opt/p/bin/python3.13")


@pytest.mark.parametrize(
    ("pin", "note"),
    [
        (b"python-3.11.9", None),
        (b"3.12\n", "asks for Python 3.12, which this machine lacks: built with 3.11.7"),
        (b"nonsense", None),
        (b"", None),
    ],
)
def test_a_pinned_version_that_the_machine_lacks_is_said(pin: bytes, note: str | None) -> None:
    notes = _recipe({"requirements.txt": b"h11", "runtime.txt": pin}).parts[0].notes
    assert [said.endswith(note or "") for said in notes] == ([True] if note else [])


@pytest.mark.parametrize(
    ("lock", "content", "manager", "words"),
    [
        ("package-lock.json", b"{}", ["npm", None], "npm ci --include=dev"),
        ("npm-shrinkwrap.json", b"{}", ["npm", None], "npm ci --include=dev"),
        ("pnpm-lock.yaml", b"lockfileVersion: '9.0'", ["pnpm", "9.15.9"], "pnpm install --frozen-lockfile"),
        ("pnpm-lock.yaml", b"lockfileVersion: '6.0'", ["pnpm", "8.15.9"], "pnpm install --frozen-lockfile"),
        ("yarn.lock", b"# yarn lockfile v1", ["yarn", "1.22.22"], "yarn install --frozen-lockfile"),
        ("yarn.lock", b"__metadata:\n  version: 8", ["yarn", "4.9.2"], "yarn install --immutable"),
    ],
)
def test_a_lock_is_followed_by_the_manager_that_wrote_it(
    lock: str, content: bytes, manager: list[str | None], words: str
) -> None:
    part = _recipe({"package.json": PACKAGE, lock: content}).parts[0]
    assert part.inputs["manager"] == manager
    assert words in " ".join(part.steps[-1].arguments)
    assert part.files[f"app/{lock}"] == content
    assert (part.lock, part.notes) == (None, ())


def test_a_package_manager_that_is_named_is_taken_in_that_version() -> None:
    package = PACKAGE.replace(b"{", b'{"packageManager": "pnpm@10.4.1+sha512.abc", ', 1)
    part = _recipe({"package.json": package}).parts[0]
    assert part.steps[0].arguments[-1] == "pnpm@10.4.1"
    assert "there is no pnpm-lock.yaml" in part.notes[0]
    assert part.lock == "app/pnpm-lock.yaml"


@pytest.mark.parametrize(
    ("range_", "fits"),
    [
        (">=18", True),
        (">=18 <21", True),
        ("^20.1.0", True),
        ("20.x", True),
        ("20", True),
        ("18 || 20", True),
        ("*", True),
        ("~20.20", True),
        ("lts/*", True),
        ("what?", True),
        (">=22", False),
        ("18.x", False),
        ("^18 || ^22", False),
        ("<20", False),
        (">20", False),
        ("<=19", False),
    ],
)
def test_ranges_of_node_are_understood(range_: str, fits: bool) -> None:
    assert node_fits("20.20.2", range_) is fits


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("^3.11", ">=3.11,<4"),
        ("~3.11", ">=3.11,<3.12"),
        ("^0.14.1", ">=0.14.1,<0.15"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("*", ""),
        ("1.2.3", "==1.2.3"),
        (">=1, <2", ">=1,<2"),
    ],
)
def test_poetrys_ranges_in_the_standards_words(text: str, plain: str) -> None:
    assert plain_range(text) == plain


NAMES = ["package.json", "pyproject.toml", "Pipfile", "Pipfile.lock", "requirements.txt", "runtime.txt", "go.mod"]
NOISE = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(str.encode),
    st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner, max_size=3)).map(
        lambda value: str(value).encode()
    ),
    st.sampled_from(
        [PROJECT, POETRY, PACKAGE, b"[tool.poetry.dependencies]\na = [{}]", b'{"scripts": [], "engines": 3}']
    ),
)


@given(st.dictionaries(st.sampled_from([*NAMES, "poetry.lock", "manage.py", "index.html"]), NOISE))
def test_no_input_gives_anything_but_a_recipe_or_a_sentence(files: dict[str, bytes]) -> None:
    with contextlib.suppress(InvalidInput):
        _recipe(files)
