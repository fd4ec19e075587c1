from __future__ import annotations

import pytest

from roadbed.delivery.own_ports import check_own_ports
from roadbed.detection.detect import detect
from roadbed.detection.domain import Detection
from roadbed.detection.tree import TreeOfTexts
from roadbed.kit.errors import InvalidInput

SERVER = """\
from http.server import HTTPServer, SimpleHTTPRequestHandler

HTTPServer(("", PORT), SimpleHTTPRequestHandler).serve_forever()
"""


def _found(port: str) -> Detection:
    return detect(TreeOfTexts({"server.py": SERVER.replace("PORT", port)}))


def test_a_program_on_a_port_of_the_platform_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidInput) as told:
        check_own_ports(_found("8000"), {8000: "the gateway's"})
    assert str(told.value.problem).startswith("server.py:3")
    assert "'web' listens on 8000 whatever PORT says, and that port is the gateway's" in str(told.value.problem)


@pytest.mark.parametrize("port", ["9000", "int(os.environ['PORT'])"])
def test_any_other_may_run(port: str) -> None:
    check_own_ports(_found(port), {8000: "the gateway's", 7070: "the platform's own"})
