from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.django_hosts import HostVariable, answering, read_hosts
from roadbed.detection.domain import Origin, Variable
from roadbed.detection.tree import TreeOfTexts
from roadbed.workload.document import Place

PLACE = Place("s.py", 1, 1)
HOSTS = {"HOSTS": HostVariable("HOSTS", PLACE, ",")}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ALLOWED_HOSTS = os.environ.get('HOSTS', 'localhost').split(',')", ("HOSTS", ",", "<host>")),
        ("ALLOWED_HOSTS = os.environ['HOSTS'].split()", ("HOSTS", " ", "<host>")),
        ("ALLOWED_HOSTS = env.list('HOSTS', default=['localhost'])", ("HOSTS", ",", "<host>")),
        ("ALLOWED_HOSTS = config('HOSTS', cast=Csv())", ("HOSTS", ",", "<host>")),
        (
            "ALLOWED_HOSTS = []\nH = os.getenv('HOST_NAME')\nif H:\n  ALLOWED_HOSTS.append(H)",
            ("HOST_NAME", None, "<host>"),
        ),
        ("H = os.getenv('HOSTS', '').split(';')\nALLOWED_HOSTS = H", ("HOSTS", ";", "<host>")),
        ("CSRF_TRUSTED_ORIGINS = [env('ORIGIN')]", ("ORIGIN", None, "https://<host>")),
        ("CSRF_TRUSTED_ORIGINS = env.list('ORIGINS')", ("ORIGINS", ",", "https://<host>,http://<host>")),
    ],
)
def test_the_variable_is_found(line: str, found: tuple[str, str | None, str]) -> None:
    hosts, note = read_hosts(TreeOfTexts({"s.py": line}), ["s.py"])
    ((name, host),) = hosts.items()
    assert (name, host.separator, host.value, note) == (*found, None)


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        ("ALLOWED_HOSTS = ['shop.herokuapp.com']", True),
        ("ALLOWED_HOSTS = ['shop.com', '.localhost']", False),
        ("ALLOWED_HOSTS = []", False),
        ("ALLOWED_HOSTS = ['*']", False),
        ("ALLOWED_HOSTS = os.getenv('HOSTS', '*').split(',')", False),
        ("ALLOWED_HOSTS = (", False),
    ],
)
def test_hosts_that_only_stand_there_are_noted(line: str, noted: bool) -> None:
    hosts, note = read_hosts(TreeOfTexts({"s.py": f"\n{line}\n"}), ["s.py"])
    assert (hosts, note is not None and note.line == 2) == ({}, noted)


@pytest.mark.parametrize(
    ("origin", "value", "becomes", "notes"),
    [
        ("value", ".onrender.com", (".onrender.com,<host>", "host"), 1),
        ("value", "*", ("*", "value"), 0),
        ("asked", None, ("<host>", "host"), 0),
        ("generated", None, (None, "generated"), 0),
    ],
)
def test_hosts_of_another_platform_get_this_one_beside_them(
    origin: Origin, value: str | None, becomes: tuple[str | None, Origin], notes: int
) -> None:
    found, said = answering({"HOSTS": Variable("HOSTS", PLACE, origin, value)}, HOSTS, checked=False)
    assert ((found["HOSTS"].value, found["HOSTS"].origin), len(said)) == (becomes, notes)


def test_what_is_asked_for_a_page_answers_to_whoever_asks() -> None:
    found, said = answering({"HOSTS": Variable("HOSTS", PLACE, "host", "<host>")}, HOSTS, checked=True)
    assert (found["HOSTS"].value, said) == ("<host>,127.0.0.1", [])


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    read_hosts(TreeOfTexts({"s.py": text}), ["s.py"])
