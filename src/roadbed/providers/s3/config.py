"""The buckets' records → the configuration of the object store. Pure.

One process holds all of SeaweedFS: its S3 gateway, and the master, volume server and filer behind it, which know
nothing of keys. These take connections only from whoever shows the platform's own certificate, so that a program on
this machine gets to the objects by the gateway alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from roadbed.storage.ports import LOOPBACK

REGION = "us-east-1"
PORTS = ("s3", "s3_grpc", "filer", "filer_grpc", "master", "master_grpc", "volume", "volume_grpc")
_VOLUME_MB = 1024
_SOCKETS = "/tmp"  # noqa: S108 - not ours to choose
_INSIDE = ("master", "volume", "filer")
_PARTS = (*_INSIDE, "s3", "client")


def access_key(bucket: str) -> str:
    """20 upper-case letters and digits, as such keys are; always the same for a bucket. Others follow it."""
    return f"RB{hashlib.sha256(bucket.encode()).hexdigest()[:18].upper()}"


def new_access_key() -> str:
    return f"RB{secrets.token_hex(9).upper()}"


def keys(bucket: str, record: Mapping[str, Any]) -> dict[str, str]:
    """The secret of each access key that opens it, its own first: one, two while they are exchanged."""
    own = record.get("access_key") or access_key(bucket)
    return {own: record["secret_key"], **dict(record.get("former", ()))}


def identities(
    admin: Mapping[str, str], buckets: Iterable[tuple[str, Mapping[str, Any]]], ended: Mapping[str, str]
) -> str:
    """Who may do what, as `-s3.config` has it. `ended` maps the access keys that end to what takes a secret's place.

    The store merges what it reads into what it knows: one that is merely left out would be let in until a restart.
    """
    listed = [_identity("roadbed", {admin["access_key"]: admin["secret_key"]}, _EVERYTHING)]
    listed += [_identity(name, keys(name, each), [f"{action}:{name}" for action in _WITHIN]) for name, each in buckets]
    listed += [_identity(f"ended-{key}", {key: replaced}, []) for key, replaced in ended.items()]
    return json.dumps({"identities": listed}, indent=1)


_EVERYTHING = ("Admin", "Read", "Write", "List", "Tagging")
_WITHIN = ("Read", "Write", "List", "Tagging")


def _identity(name: str, keys: Mapping[str, str], actions: Sequence[str]) -> dict[str, Any]:
    credentials = [{"accessKey": key, "secretKey": secret} for key, secret in keys.items()]
    return {"name": name, "credentials": credentials, "actions": list(actions)}


def security(certificate: Path, key: Path) -> str:
    """`security.toml`: both ends of every connection inside show this certificate, and trust no other."""
    pair = f"cert = {json.dumps(str(certificate))}\nkey = {json.dumps(str(key))}\n"
    trusted = f"ca = {json.dumps(str(certificate))}\n"
    parts = [f"[grpc]\n{trusted}", *(f"[grpc.{part}]\n{pair}" for part in _PARTS)]
    parts += [f"[https.client]\nenabled = true\n{pair}{trusted}"]
    parts += [f"[https.{part}]\n{pair}{trusted}" for part in _INSIDE]
    return "\n".join(parts)


def arguments(folder: Path, ports: Mapping[str, int]) -> list[str]:
    """Sockets are named from `data`, where it works: a path of any length would be too long for an address."""
    listening = [
        f"-{part.replace('_grpc', '.port.grpc') if part.endswith('_grpc') else f'{part}.port'}={port}"
        for part, port in ports.items()
    ]
    return [
        "-logtostderr",
        "server",
        mark(folder),
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        *listening,
        "-s3",
        f"-s3.config={folder / 'identities.json'}",
        "-s3.iam=false",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.localSocket=s3.sock",
        "-filer.localSocket=filer.sock",
        "-filer.disableHttp",
        f"-master.volumeSizeLimitMB={_VOLUME_MB}",
        "-master.telemetry=false",
        "-master.electionTimeout=1s",
        "-master.heartbeatInterval=100ms",
        "-volume.max=0",
        "-volume.preStopSeconds=0",
    ]


def sockets(ports: Mapping[str, int]) -> list[Path]:
    """Where its parts meet each other beside their ports. SeaweedFS has no option for that."""
    return [Path(_SOCKETS, f"seaweedfs-{part}-grpc-{ports[f'{part}_grpc']}.sock") for part in (*_INSIDE, "s3")]


def is_taken(port: int) -> bool:
    """Whether a server that somebody else ran at this port has left a socket there, which only they can remove."""
    left = [
        file for part in (*_INSIDE, "s3") if (file := Path(_SOCKETS, f"seaweedfs-{part}-grpc-{port}.sock")).exists()
    ]
    return os.geteuid() != 0 and any(file.stat().st_uid != os.geteuid() for file in left)


def mark(folder: Path) -> str:
    return f"-dir={folder / 'data'}"
