"""What `roadbed platform new` writes into a platform repo: a first building block, a first module. Pure."""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterable, Mapping

from roadbed.sdk.contracts import CONTRACTS

_BLOCK = '''"""How {name} is made here."""

from __future__ import annotations

from roadbed.sdk import Param, Request, provisioner
from roadbed.sdk.provisioners import Example
from roadbed.sdk.types import random


@provisioner(
    "{name}",
    title="{title}",
    owner="{owner}",
    docs="README.md",
    version="0.1.0",
    maturity="experimental",
    params={{"length": Param(int, default=32, choices=(16, 32, 64), help="How many characters its key has.")}},
{outputs}    examples={{
        "default": Example(),
        "long-in-production": Example({{"length": 64}}, environment="prod", kind="production"),
    }},
)
def {function}(request: Request) -> dict[str, object]:
    """Say here in a sentence what whoever asks for it gets.

    Declare what it takes below, with the classes of `roadbed.sdk.types` or with `Resource`, and return what workloads
    refer to.
    """
    key = random.Password(request.name, length=request.params["length"], special=False)
    return {{
{returned}
    }}
'''

_README = """# {title}

What it is, what it costs, what it is not for, and whom to ask ({owner}).

## How to get one

```
roadbed resource add {name}
```
"""

_OUTPUTS: Mapping[str, str] = {"name": "What it is called.", "key": "The key to it, a secret."}
_SECRETS = frozenset({"key", "password", "connection", "secret_key", "aws_secret_key", "value", "url"})


def block(name: str, owner: str) -> Mapping[str, str]:
    """The files of `provisioners/NAME/`, by their paths in it: a block whose examples are as they are kept."""
    contract = CONTRACTS.get(name)
    outputs = contract.outputs if contract else _OUTPUTS
    words = {
        "name": name,
        "title": title_of(name),
        "owner": owner,
        "function": _function(name),
        "outputs": "" if contract else f"    outputs={json.dumps(_OUTPUTS)},\n",
        "returned": "\n".join(f'        "{each}": {_value(each)},' for each in outputs),
    }
    return {
        "block.py": _BLOCK.format(**words),
        "README.md": _README.format(**words),
        "golden/default.json": _golden(outputs, 32, "dev"),
        "golden/long-in-production.json": _golden(outputs, 64, "prod"),
    }


def _function(name: str) -> str:
    """A name of Python, for a type that need not be one."""
    function = name.replace("-", "_")
    return function if function.isidentifier() and not keyword.iskeyword(function) else f"make_{function}"


def _value(output: str) -> str:
    """What stands for it until somebody makes a real one."""
    return (
        "key.result"
        if output in _SECRETS
        else "5432"
        if output == "port"
        else 'f"{request.application}-{request.name}"'
    )


def _golden(outputs: Iterable[str], length: int, environment: str) -> str:
    made = {
        "resource": "web/db#random:Password",
        "action": "create",
        "properties": {"length": length, "special": False},
    }
    key = {"$ref": [f"example@{environment}/web/db#random:Password", "result"]}
    plain = {"port": 5432}
    given = {name: key if name in _SECRETS else plain.get(name, "example-db") for name in outputs}
    return json.dumps({"resources": [made], "outputs": given}, indent=2) + "\n"


def title_of(name: str) -> str:
    return name.replace("-", " ").capitalize()
