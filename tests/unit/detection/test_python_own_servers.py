from __future__ import annotations

import pytest

from roadbed.detection.python_own_servers import port_of, told_port


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("def run(port=8000):\n    HTTPServer(('', port), H)\n", 8000),
        ("def run(server=HTTPServer, port=8080):\n    at = ('', port)\n    HTTPServer(at, H)\n", 8080),
        ("def serve(*, port: int = 7000):\n    app.run(port=port)\n", 7000),
        ("PORT = 9000\nTCPServer(('', PORT), H)\n", 9000),
        ("run(port=port)\n", None),
        ("at = at\nHTTPServer(at, H)\n", None),
        ("HTTPServer(('', True), H)\n", None),
        ("HTTPServer(('', 70000), H)\n", None),
        ("HTTPServer((", None),
    ],
)
def test_the_number_that_a_file_listens_on(text: str, port: int | None) -> None:
    assert port_of(text) == port


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("parser.add_argument('-p', '--port', type=int, default=8000)", True),
        ('@click.option("--port", default=8000)', True),
        ('define("port", default=8888, type=int)', True),
        ("parser.add_argument('port', type=int)", False),
        ("parser.add_argument('--port', default=os.environ.get('PORT'))", False),
        ("parser.add_subparsers()\nparser.add_argument('--port')", False),
    ],
)
def test_a_port_that_is_an_option_is_given(text: str, told: bool) -> None:
    assert told_port("python serve.py", text) == ("python serve.py --port=$PORT" if told else "python serve.py")
