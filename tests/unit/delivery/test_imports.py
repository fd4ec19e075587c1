"""What a provisioner takes from a stack that exports no such thing."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.delivery.imports import check_exported
from roadbed.kit.errors import InvalidInput
from roadbed.workload.files import from_mapping
from roadbed.workload.source import read_source

SCORE = """\
apiVersion: score.dev/v1b1
metadata: {name: web}
containers: {main: {image: ., variables: {H: "${resources.db.host}"}}}
resources:
  cache: {type: redis}
  db: {type: mysql}
"""
IMPORTED = ("databases@prod", "mysql_host")


def answer() -> dict[str, Any]:
    outputs = {"host": {"$join": ["", {"$import": list(IMPORTED)}]}, "url": {"$import": list(IMPORTED)}, "port": 3306}
    return {
        "outputs": {"mysql.default#web.db": outputs, "redis.default#web.cache": {"host": "x"}},
        "provisioners": {"mysql.default#web.db": "provisioners/mysql_in_prod.py:4"},
    }


def test_it_is_told_at_the_resource_and_names_the_provisioner() -> None:
    source = read_source(from_mapping({"score.yaml": SCORE}))
    with pytest.raises(InvalidInput) as refused:
        check_exported(source, answer(), {IMPORTED})
    assert str(refused.value) == (
        "score.yaml:6:7: databases@prod exports no 'mysql_host', which provisioners/mysql_in_prod.py:4 takes for "
        "resources.db"
    )
    assert "roadbed stack outputs databases@prod" in (refused.value.hint or "")


def test_what_is_exported_is_no_fault() -> None:
    check_exported(read_source(from_mapping({"score.yaml": SCORE})), answer(), set())
