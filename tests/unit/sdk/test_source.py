"""People's files are compiled so that text goes on knowing that it holds references; else they mean what they say."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

HEAD = (
    "import base64, html, json, shlex, textwrap\n"
    "from roadbed.sdk import Resource, deferred, export\n"
    "x = Resource('tls:Key', 'k').pem\n"
)
AT_ONCE = {
    "len": "len(f'x{x}')",
    "len of what join made": "len(', '.join(['a', f'{x}']))",
    "len of what % made": "len('%s:%s' % (x, 1))",
    "len of what format made": "len('{}:{}'.format(x, 1))",
    "len of what a function gave": "len(textwrap.dedent(f' a{x}'))",
    "==": "f'{x}' == 'a'",
    "== of str()": "str(x) == 'a'",
    "a comparison in a condition": "y = 1 if f'a{x}b' > 'a' else 2",
    "hash": "hash(f'a{x}')",
    "a key": "{f'a{x}': 1}",
    "upper": "f'a{x}'.upper()",
    "center": "f'{x}'.center(40)",
    "startswith": "f'{x}'.startswith('a')",
    "a slice": "f'a{x}'[:5]",
    "a loop": "[c for c in f'a{x}']",
    "in": "'-----' in f'a{x}'",
    "replace": "f'a{x}'.replace('a', 'b')",
    "splitlines": "f'a{x}'.splitlines()",
    "indent": "textwrap.indent(f'a\\n{x}', '  ')",
    "a shell": "shlex.quote(f'a{x}')",
    "html": "html.escape(f'a{x}')",
    "base64": "base64.b64encode(f'a{x}'.encode())",
    "an encoding that ignores": "f'a{x}'.encode('ascii', 'ignore')",
    "a JSON document that is read": 'json.loads(f\'{{"a": "{x}"}}\')',
}
IN_A_PROPERTY = {
    "JSON": "json.dumps({'pem': f'{x}'})",
    "JSON in UTF-8": "json.dumps({'pem': f'{x}'}, ensure_ascii=False)",
    "JSON with an indent": "json.dumps({'pem': f'{x}'}, ensure_ascii=False, indent=2)",
    "repr": "f'{x}'.__repr__()",
}


def ask(folder: Path, **more: Any) -> dict[str, Any]:
    request = {"version": 1, "programs": str(folder), "shown": "", "stack": "orders@dev", "environment": "dev"}
    done = subprocess.run(
        [sys.executable, "-I", "-m", "roadbed.sdk.host"],
        input=json.dumps({**request, "environment_kind": "development", "owner": None, **more}),
        capture_output=True,
        text=True,
        check=True,
    )
    return {**json.loads(done.stdout), "printed": done.stderr}


def declare(folder: Path, program: str, **files: str) -> dict[str, Any]:
    for name, text in {"roadbed": program, **files}.items():
        (folder / f"{name}.py").write_text(text)
    return ask(folder, kind="declare")


@pytest.mark.parametrize("misuse", AT_ONCE.values(), ids=AT_ONCE)
def test_misuse_is_refused_at_its_line(tmp_path: Path, misuse: str) -> None:
    error = declare(tmp_path, f"{HEAD}{misuse}\nexport('a', 1)\n")["error"]
    assert (error["file"], error["line"]) == ("roadbed.py", 4)
    assert error["hint"]


@pytest.mark.parametrize("misuse", IN_A_PROPERTY.values(), ids=IN_A_PROPERTY)
def test_what_was_encoded_by_hand_is_refused_where_it_is_given(tmp_path: Path, misuse: str) -> None:
    error = declare(tmp_path, f"{HEAD}text = {misuse}\n\nResource('file:File', 'f', content=text)\n")["error"]
    assert "was cut, changed or encoded" in error["message"]
    assert (error["file"], error["line"]) == ("roadbed.py", 6)
    assert "JSON" in error["hint"]


def test_a_file_beside_the_program_is_compiled_alike(tmp_path: Path) -> None:
    """At any depth, and though Python's own bytecode of it lies there."""
    package = tmp_path / "names" / "long"
    package.mkdir(parents=True)
    (package / "first.py").write_text("def short(x):\n    text = f'a{x}'\n    return text[:40]\n")
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(tmp_path)], check=True)
    error = declare(tmp_path, f"{HEAD}from names.long.first import short\nshort(x)\n")["error"]
    assert (error["file"], error["line"]) == ("names/long/first.py", 3)


def test_a_provisioner_is_compiled_alike_and_given_such_text(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        "from roadbed.sdk import Resource, provisioner\n"
        "@provisioner('key')\ndef key(request):\n    return {'pem': Resource('tls:Key', 'k').pem}\n"
        "@provisioner('user')\ndef user(request):\n"
        "    known = len(f'{request.name}')\n"
        "    return {'size': len(request.params['text'])}\n"
    )
    text = {"$join": ["a", {"$output": ["key", "pem"]}]}
    requests = [
        {"uid": "key", "type": "key", "name": "key", "workload": "web"},
        {"uid": "user", "type": "user", "name": "user", "workload": "web", "params": {"text": text}},
    ]
    error = ask(tmp_path, kind="provision", application="orders", requests=requests)["error"]
    assert "len() needs its value" in error["message"]
    assert (error["file"], error["line"]) == ("p.py", 8)


def test_a_program_means_what_it_says(tmp_path: Path) -> None:
    program = '''
    """What it is for."""
    from __future__ import annotations

    import functools
    import sys
    from collections import namedtuple
    from dataclasses import dataclass, field
    from typing import Annotated, get_type_hints

    from beside import twice
    from roadbed.sdk import Resource, export


    class Base:
        def say(self, *words: Annotated[str, len("abc")], end: str = f"{1}{2}") -> str:
            return " ".join(words) + end


    class Said(Base, namedtuple("Pair", "a b")):
        __private = "p".upper()

        def say(self, *words: str, end: str = "!") -> str:
            return super().say(*map(str, words), end=end) + self.__private


    @dataclass
    class Point:
        x: int = field(default_factory=lambda: int("3"))


    @functools.lru_cache(maxsize=len("ab"))
    def cached(n: int) -> str:
        width = 6
        return f"{n:>{width}.{len('ab')}f}{n!r:<{max(1, 3)}}{f'{n}'}{{}}{n=}" "%"


    def here() -> int:
        return sys._getframe().f_lineno


    class Held:
        pass


    def held(it=Held()) -> Held:
        return it


    held().value = [1]
    held().value[int("0")] += 5 % 3
    match [1, "a"]:
        case [int(n), str() as s] if len(s) == 1:
            matched = f"{n}{s}"
    deep = 1
    for _ in range(3):
        deep += deep % 7

    export("said", Said(1, 2).say("a", "b"))
    export("point", Point().x)
    export("cached", cached(2) + cached(2))
    export("held", held().value)
    export("matched", matched)
    export("twice", twice(4))
    export("locals", sorted(name for name in (lambda a, b: locals())(1, 2)))
    export("annotation", Base.say.__annotations__["words"])
    export("hints", len(get_type_hints(Base.say)))
    export("doc", __doc__)
    export("line", here())
    export("sum", eval("1 + 1"))
    export("long", len("x" LONG))
    export("deep", "x" DEEP)
    Resource(
        "x:T",
        "t",
        size=max(1, 2),
    )
    '''
    program = textwrap.dedent(program).lstrip().replace(" LONG", ' + ""' * 1400).replace(" DEEP", ".strip()" * 900)
    answer = declare(tmp_path, program, beside="def twice(n):\n    return [f'{n}'] * (n % 3 + 1)\n")
    exports = answer["graph"]["exports"]
    assert exports == {
        "said": "a b!P",
        "point": 3,
        "cached": "  2.002  2{}n=2%" * 2,
        "held": [3],
        "matched": "1a",
        "twice": ["4", "4"],
        "locals": ["a", "b"],
        "annotation": "Annotated[str, len('abc')]",
        "hints": 3,
        "doc": "What it is for.",
        "line": program.split("sys._getframe")[0].count("\n") + 1,
        "sum": 2,
        "long": 1,
        "deep": "x",
    }
    assert answer["graph"]["resources"][0]["source"]["line"] == program.split("Resource(\n")[0].count("\n") + 1


def test_what_a_program_says_is_readable(tmp_path: Path) -> None:
    says = "import sys\nprint(f'a{x}')\nsys.stdout.write(f'{x}')\nraise ValueError(f'b{x}')\n"
    answer = declare(tmp_path, HEAD + says)
    assert answer["error"]["message"] == "ValueError: b⟦k.pem⟧"
    assert answer["printed"] == "a⟦k.pem⟧\n⟦k.pem⟧"
