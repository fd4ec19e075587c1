from __future__ import annotations

import pytest

from roadbed.detection.build_lines import without_installing
from roadbed.detection.detect import detect
from roadbed.detection.environment_reads import environment_reads
from roadbed.detection.needs import standing
from roadbed.detection.source import read_application_source
from roadbed.detection.tree import TreeOfTexts
from roadbed.workload.files import from_mapping


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.py", "\nos.environ['A_B']\nos.getenv(\"REDIS_URL\", 'x')\n", {"A_B": 2, "REDIS_URL": 3}),
        ("a.py", "env('A_B')\nenv.str('C_D')\nconfig(\"E_F\", default=1)\n", {"A_B": 1, "C_D": 2, "E_F": 3}),
        ("a.py", "# os.environ['NOT_READ']\n", {}),
        ("a.py", "class S(BaseSettings):\n    a_b: str\n\n    port: int = 1\nx: int = 2\n", {"A_B": 2, "PORT": 4}),
        ("a.py", "D = dj_database_url.config()\n", {"DATABASE_URL": 1}),
        ("src/a.ts", "process.env.PGHOST ?? process.env['A_B']\n", {"PGHOST": 1, "A_B": 1}),
        ("prisma/schema.prisma", 'url = env("DATABASE_URL")\n', {"DATABASE_URL": 1}),
        ("main.go", 'os.Getenv("REDIS_URL")\nos.LookupEnv("X_Y")\n', {"REDIS_URL": 1, "X_Y": 2}),
        ("config/a.rb", 'ENV["A_B"] || ENV.fetch("C_D", 1)\n', {"A_B": 1, "C_D": 1}),
        (".env.example", "# none\nexport A_B=1\nC_D=\n", {"A_B": 2, "C_D": 3}),
        ("tests/a.py", "os.environ['A_B']\n", {}),
        ("node_modules/x/a.js", "process.env.A_B\n", {}),
        ("README.md", "process.env.A_B\n", {}),
    ],
)  # fmt: skip
def test_which_variables_are_read(path: str, text: str, names: dict[str, int]) -> None:
    assert {name: place.line for name, place in environment_reads(TreeOfTexts({path: text})).items()} == names


def needs_of(requirements: str, code: str, **files: str) -> dict[str, str]:
    app = f"from flask import Flask\nimport os\napp = Flask('x')\n{code}\n"
    found = detect(TreeOfTexts({"app.py": app, "requirements.txt": f"flask\n{requirements}\n", **files}))
    return {name: need.type for name, need in found.needs.items()}


@pytest.mark.parametrize(
    ("requirements", "code", "needs"),
    [
        ("psycopg2", "os.environ['DATABASE_URL']", {"db": "postgres"}),
        ("psycopg2", "os.environ['PGHOST']", {"db": "postgres"}),
        ("psycopg2", "os.environ['DB_PASSWORD']", {}),
        ("psycopg2", "", {}),
        ("", "os.environ['DATABASE_URL']", {}),
        ("redis\nasyncpg", "os.getenv('CACHE_URL'); os.getenv('DATABASE_URL')", {"db": "postgres", "redis": "redis"}),
        ("boto3", "os.environ['AWS_STORAGE_BUCKET_NAME']", {"files": "s3"}),
        ("boto3", "os.environ['AWS_REGION']", {}),
        ("nats-py", "os.environ['NATS_URL']", {"nats": "nats"}),
    ],
)
def test_a_driver_and_a_variable_make_a_need(requirements: str, code: str, needs: dict[str, str]) -> None:
    assert needs_of(requirements, code) == needs


def test_what_a_file_names_goes_before_what_the_code_speaks_of() -> None:
    compose = "services: {web: {build: ., environment: {DATABASE_URL: 'postgres://a@base/x'}}, base: {image: postgres}}"
    assert needs_of("psycopg2", "os.environ['DATABASE_URL']", **{"compose.yaml": compose}) == {"base": "postgres"}


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("pip install -r requirements.txt", ""),
        ("pip install -r requirements.txt && python manage.py collectstatic", "python manage.py collectstatic"),
        ("npm ci; npm run build", "npm run build"),
        ("yarn && yarn build", "yarn build"),
        ("yarn --frozen-lockfile", ""),
        ("./build.sh", "./build.sh"),
        ("bundle install; bundle exec rake assets:precompile", "bundle exec rake assets:precompile"),
    ],
)
def test_what_installs_packages_is_done_anyway(line: str, rest: str) -> None:
    assert without_installing(line) == rest


def test_what_holds_data_stays() -> None:
    needs = [("db", "postgres"), ("redis", "redis"), ("x", "s3")]
    there = [("db", "postgres:Database"), ("redis", "postgres:Database"), ("y", "s3:Bucket")]
    assert standing(needs, there) == ("db",)


def test_what_a_file_states_is_given_and_what_is_guessed_is_not() -> None:
    files = {
        "requirements.txt": "redis\n",
        "app.py": "import os, redis\nredis.from_url(os.environ['REDIS_URL'])\n",
        "render.yaml": (
            "databases: [{name: main}]\n"
            "services:\n"
            "  - type: web\n"
            "    name: web\n"
            "    startCommand: python app.py\n"
            "    envVars: [{key: DATABASE_URL, fromDatabase: {name: main, property: connectionString}}]\n"
        ),
    }
    read = read_application_source(from_mapping(files), TreeOfTexts(files))
    assert read.given == ("main",)
    assert [one.type for one in read.source.workloads["web"].workload.resources.values()].count("postgres") == 1
    read = read_application_source(from_mapping(files), TreeOfTexts(files), needs=("redis",))
    assert read.given == ("main", "redis")


def test_what_roadbed_itself_has_none_of_is_told_at_once() -> None:
    servers = "queue: {image: 'rabbitmq:4'}, cache: {image: redis}"
    compose = f"services: {{web: {{build: ., command: x, environment: {{QUEUE: 'amqp://queue/'}}}}, {servers}}}"
    (note,) = [one for one in detect(TreeOfTexts({"compose.yaml": compose})).notes if "itself has" in one.message]
    assert str(note).startswith("compose.yaml:1:")
    assert "has no amqp: only a platform whose team" in note.message
    assert "--no-needs" in (note.hint or "")
