"""The environment of a compose file's services: which of its values lead to a server, or to another service. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from roadbed.detection.domain import Need, Part, Variable, is_secret
from roadbed.detection.interpolation import Interpolated, interpolate
from roadbed.detection.need_variables import VARIABLES
from roadbed.detection.needs import GENERATED
from roadbed.detection.servers import type_of_url
from roadbed.workload.document import Place

_HOLDS_A_HOST = re.compile(
    r".*(?:HOST|HOSTS|HOSTNAME|HOST_NAME|SERVER|SERVERS|ADDR|ADDRESS|ADDRESSES|URL|URI|ENDPOINT|ENDPOINTS|UPSTREAM)"
)
"""A bare word that is a service's name is its host where the variable is called so; else it may be anything: a user, a
queue, the application's own name.
"""
_WITH_PORT = re.compile(r"([^:/\s]+):(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Whom a value may lead to: `needs` and the names of `services`, each by the hosts that they have in the file.
    `values` are what `$NAME` stands for.
    """

    needs: Mapping[str, Need]
    services: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)

    def only(self, type_: str | None) -> Need | None:
        """The one need of a type; None where there is none, or which of them is meant can't be told."""
        found = {need.name: need for need in self.needs.values() if need.type == type_}
        return next(iter(found.values())) if len(found) == 1 else None


def variable(name: str, place: Place, written: str | None, hosts: Hosts, *, apart: bool = False) -> Variable:
    """One without a value is what the caller has of that name: so is it in the file's own rules.

    A secret that stands `apart`, in a file of variables, is not copied into files that are meant to be shown.
    """
    found = interpolate(f"${{{name}}}" if written is None else written, hosts.values)
    leads = _to_need(name, place, found, hosts) or _to_service(name, place, found.text, hosts)
    if leads is not None:
        return leads
    kept_apart = is_secret(name) and (apart or any(used in hosts.values for used in found.used))
    if GENERATED.fullmatch(name) and (found.missing or kept_apart):
        return Variable(name, place, "generated")
    if found.missing:
        return Variable(name, place, "asked", description=_said(found, written))
    if kept_apart:
        return Variable(name, place, "asked", description="its value stands in a file of variables")
    return Variable(name, place, value=found.text)


def _said(found: Interpolated, written: str | None) -> str | None:
    """What somebody should know who gives it a value."""
    said = "; ".join(one for one in found.missing.values() if one)
    partly = written if written and re.fullmatch(r"\$\{?\w+\}?", written) is None and not said else None
    return said or (f"the file makes it of {partly}" if partly else None)


def _to_need(name: str, place: Place, found: Interpolated, hosts: Hosts) -> Variable | None:
    """By the host that its value names; where that has no value, by the only server of the kind it is called after."""
    host, part = _host(name, found.text)
    need, example = hosts.needs.get(host), found.text if part == "url" else None
    if need is None and found.missing and not host:
        type_, part = _by_name(name)
        if by_url := type_of_url(found.text):
            type_, part = by_url, "url"
        need, example = hosts.only(type_), found.text or None
    if need is None:
        return None
    return Variable(name, place, "need", example if part == "url" else None, of=need.name, part=part)


def _by_name(name: str) -> tuple[str | None, Part]:
    return next(((type_, known[name]) for type_, known in VARIABLES.items() if name in known), (None, "url"))


def _to_service(name: str, place: Place, text: str, hosts: Hosts) -> Variable | None:
    host, part = _host(name, text)
    if host not in hosts.services:
        return None
    return Variable(name, place, "process", text, of=hosts.services[host], part=part)


def _host(name: str, value: str) -> tuple[str, Part]:
    """Of a URL, of `host:port`, of a name; empty where there is none."""
    if "://" in value:
        try:
            return urlsplit(value).hostname or "", "url"
        except ValueError:
            return "", "url"
    if match := _WITH_PORT.fullmatch(value):
        return match[1], "address"
    return (value, "host") if _HOLDS_A_HOST.fullmatch(name.upper()) else ("", "host")


def port_of(leading: Variable) -> int | None:
    """The number that a variable expects another service to listen on."""
    value = leading.value or ""
    try:
        port = urlsplit(value if "://" in value else f"//{value}").port
    except ValueError:
        return None
    return port or None


def names_unreached(value: str, hosts: Hosts) -> str | None:
    """A service's name within a value that led nowhere: `jdbc:postgresql://db:5432/app`."""
    found = re.findall(r"(?://|@)([\w.-]+)(?=[:/,?]|$)", value)
    return next((host for host in found if host in hosts.needs or host in hosts.services), None)
