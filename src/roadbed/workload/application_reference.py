"""Writes `docs/reference/roadbed.schema.json` and `roadbed-yaml.md`; run as `python -m` it does so.

Both are made of the description that the reader checks by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import roadbed
from roadbed.workload.application_form import APPLICATION
from roadbed.workload.forms import Field, Form, Listed, Section, Table

FOLDER = Path(roadbed.__file__).parents[2] / "docs" / "reference"
SCHEMA, PAGE = FOLDER / "roadbed.schema.json", FOLDER / "roadbed-yaml.md"

_HEAD = """\
# roadbed.yaml

`roadbed.yaml` stands beside the Score files and says what Score has no field for. All of it but the first two lines is
optional; Score files alone deploy. This page and the [JSON Schema](roadbed.schema.json) are made of the description
that the reader itself checks by. An editor completes and checks a file that begins with the schema's path or URL:

```yaml
# yaml-language-server: $schema=../roadbed/docs/reference/roadbed.schema.json
```

An unknown key is refused, with the nearest one that there is. What is marked *not in force yet* is read and checked,
and every plan says that nothing acts upon it.

```yaml
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: orders, owner: group:default/payments}
workloads:
  web:
    score: score.yaml
    release: [python, manage.py, migrate]
    scale: {min: 2}
    overrides: [score.company.yaml]
    properties: {containers.main.variables.LOG_LEVEL: info}
resources:
  exports: {type: s3, params: {versioned: true}}
  db: {type: postgres, workloads: [web], prefix: ORDERS_DB}
jobs:
  report: {schedule: "0 3 * * *", timezone: Europe/Madrid, command: [python, report.py], retries: 2}
environments:
  prod:
    variables: {FEATURE_FLAGS: none}
    workloads: {web: {scale: {min: 4}, properties: {containers.main.resources.limits.memory: 1Gi}}}
```

## Environments

A layer under `environments` holds in the environment of that name. It is laid over the rest of the file: mappings key
by key, all else (a list, a text, a number) replaced. What comes of it is checked like the file itself, for every
environment, whichever one is deployed to.

Null takes a key of the rest of the file away, as in a JSON merge patch, and `roadbed explain` names the line that did:

```yaml
environments:
  dev:
    workloads: {web: {release: null}}  # no migrations there
    jobs: {report: null}
```

Under `properties` null stays what it is elsewhere: it takes the property of the Score file away. What holds data and is
taken away is deleted by no deploy without `--delete-data`.

## Resources of the application

A resource under `resources` belongs to the application as a whole. Its UID is `type.class#id`, and its id is
its name when none is given, so a Score file reaches it by saying `{type: s3, id: exports}`. Where `roadbed.yaml` and a
Score file both give params, they must be the same. `roadbed resource add`, `remove`, `attach` and `detach` edit them.

Every workload gets its outputs as variables: `<NAME>_<OUTPUT>` in capitals, `EXPORTS_BUCKET`. `workloads` names those
that do, if not all of them; `prefix` says what stands in place of the name. What has an address has it in one piece as
well: `DB_URL`. The first resource of a type also has the names that programs look for:

| type | variables |
| --- | --- |
| `postgres`, `mysql` | `DATABASE_URL` |
| `redis` | `REDIS_URL` |
| `nats` | `NATS_URL` |
| `mongodb` | `MONGODB_URL` |
| `amqp` | `AMQP_URL` |
| `s3` | `S3_BUCKET`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT_URL_S3`, `AWS_REGION` |

Placeholders in `params`, and in `variables` of an environment, refer to these resources, as in
`${resources.exports.bucket}`, and to `metadata`.

## Where a variable comes from

From the lowest to the highest; the highest that has the name says the value:

1. what Roadbed tells every replica: `ROADBED_APPLICATION`, `ROADBED_ENVIRONMENT`, `ROADBED_WORKLOAD`;
2. the environment's `variables` in `environments.yaml` of the platform repo;
3. outputs of the `resources` in `roadbed.yaml`;
4. the Score file, with its overrides;
5. `environments.<name>.variables` in `roadbed.yaml`;
6. what was set with `roadbed config`, secrets included;
7. what a replica is told when it starts: `PORT` and `PORT_<NAME>` where there are service ports, `HOME`, and
   `ROADBED_RELEASE` and `ROADBED_REPLICA`. Where a file sets one of these, the plan notes that it is not taken.

`HOST` is `127.0.0.1` where there are service ports and nothing else sets it. Under all of these lies the `environment`
of the [artifact](artifact.md): `PATH`, `LANG`, and what a language needs. `roadbed explain` shows which one it was, and
what is left out.

`${resources.NAME.KEY}` of a resource of type `environment` gives what the layers 2, 5 and 6 say of `KEY`. If none does,
a variable that is nothing but this placeholder is left out, the placeholder is empty within other text, and in files
and params it is an error. In params, layer 6 is not seen: infrastructure does not follow what an operator sets; nor is
a variable that holds an output of a resource. What `roadbed explain -o json` prints has a
[JSON Schema](explanation.schema.json).

## Overrides of Score files

A file is laid over a Score file because `roadbed.yaml` says so, never because of its name.
`overrides` are files laid over the workload's Score file in their order, and `properties` are set after them. In a
path, `\\.` is a dot within a key, a number is a place in a list, and `-1` adds to it.

## Fields
"""


def schema_text() -> str:
    head: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://roadbed.dev/schemas/roadbed-v1.json",
        "title": "roadbed.yaml, version roadbed.dev/v1",
    }
    return json.dumps({**head, **APPLICATION.schema()}, indent=2, ensure_ascii=False) + "\n"


def page_text() -> str:
    return _HEAD + "".join(_section("", APPLICATION))


def _section(path: str, section: Section) -> Iterator[str]:
    """A table of the section's fields, then those of the sections in it."""
    yield f"\n### {f'`{path}`' if path else 'The file'}\n\n| field | holds | |\n| --- | --- | --- |\n"
    for name, each in section.fields.items():
        yield f"| `{name}` | {_holds(each.form)} | {_says(each)} |\n"
    if path.startswith("environments."):
        return  # what is in it is the same as elsewhere, with nothing required
    for name, each in section.fields.items():
        below, form = _below(f"{path}.{name}" if path else name, each.form)
        if isinstance(form, Section):
            yield from _section(below, form)


def _below(path: str, form: Form) -> tuple[str, Form]:
    if isinstance(form, Table):
        return _below(f"{path}.<name>", form.value)
    if isinstance(form, Listed):
        return _below(f"{path}[]", form.item)
    return path, form


def _holds(form: Form) -> str:
    return form.says.replace("|", "\\|")


def _says(each: Field) -> str:
    parts = [each.text]
    if each.default is not None:
        parts.append(f"Default: `{each.default}`.")
    if each.required:
        parts.append("Required.")
    if not each.built:
        parts.append("*Not in force yet.*")
    return " ".join(parts).replace("|", "\\|")


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    PAGE.write_text(page_text(), encoding="utf-8")
