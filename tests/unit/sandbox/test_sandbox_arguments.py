"""What starts a command, by equality: nothing here runs."""

from __future__ import annotations

import marshal
from dataclasses import replace

import pytest

from roadbed.kit.errors import InvalidInput
from roadbed.sandbox.arguments import LAUNCHER, LAUNCHER_SOURCE, bubblewrap_arguments, descriptors_needed, launch
from roadbed.sandbox.domain import File, Host, Limits, Mount, Sandbox

USER = Host("/opt/bwrap", "/usr/bin/python3", "/usr", root=False, links=(("usr/bin", "/bin"),), etc=("/etc/hosts",))
ROOT = Host("/opt/bwrap", "/root/py/bin/python3", "/root/py", root=True)


def test_arguments_of_a_user_without_network() -> None:
    sandbox = Sandbox(mounts=(Mount("/home/builds/1", "/app"),), network=False, tmp_mb=1)
    assert bubblewrap_arguments(sandbox, USER, [7, 8]) == [
        *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent"),
        *("--hostname", "roadbed", "--unshare-net", "--unshare-user", "--uid", "64001", "--gid", "64001"),
        *("--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--dir", "/etc"),
        *("--ro-bind-try", "/etc/hosts", "/etc/hosts", "--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", "1048576", "--tmpfs", "/tmp"),
        *("--perms", "1777", "--size", "1048576", "--tmpfs", "/dev/shm"),
        *("--ro-bind", "/home/builds/1", "/app"),
        *("--perms", "0755", "--dir", "/run", "--perms", "0755", "--dir", "/run/roadbed"),
        *("--ro-bind", LAUNCHER_SOURCE, LAUNCHER),
        *("--perms", "0444", "--ro-bind-data", "7", "/etc/passwd"),
        *("--perms", "0444", "--ro-bind-data", "8", "/etc/group"),
        *("--remount-ro", "/", "--chdir", "/"),
    ]


def test_root_keeps_only_what_it_takes_to_become_somebody_else_and_to_give_files_away() -> None:
    arguments = bubblewrap_arguments(Sandbox(), ROOT, [7, 8])
    drop = arguments.index("--cap-drop")
    assert arguments[drop : drop + 12] == [
        *("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"),
        *("--cap-add", "CAP_CHOWN", "--cap-add", "CAP_DAC_READ_SEARCH"),
    ]
    assert "--unshare-user" not in arguments


def test_a_private_interpreter_is_mounted_below_folders_that_anybody_may_enter() -> None:
    text = " ".join(bubblewrap_arguments(Sandbox(), ROOT, [7, 8]))
    assert "--perms 0755 --dir /root --ro-bind /root/py /root/py" in text


def test_a_file_below_a_read_only_folder_lies_in_a_layer_over_it() -> None:
    sandbox = Sandbox(mounts=(Mount("/b", "/app"),), files={"/app/conf/a.yaml": File(b"x", 0o644)})
    text = " ".join(bubblewrap_arguments(sandbox, ROOT, [7, 8, 9]))
    assert "--overlay-src /b --tmp-overlay /app" in text
    assert "--perms 0755 --dir /app/conf --perms 0644 --bind-data 9 /app/conf/a.yaml" in text
    assert text.endswith("--remount-ro /app --remount-ro / --chdir /")


def test_what_lies_below_the_systems_own_folders_lies_in_a_layer_over_them_too() -> None:
    files = {"/usr/share/own/a": File(b"x"), "/etc/ssl/certs/own.pem": File(b"y")}
    host = Host("/opt/bwrap", "/usr/bin/python3", "/usr", root=True, etc=("/etc/ssl/certs", "/etc/hosts"))
    text = " ".join(bubblewrap_arguments(Sandbox(files=files), host, [7, 8, 9, 10]))
    assert "--overlay-src /usr --tmp-overlay /usr" in text
    assert "--overlay-src /etc/ssl/certs --tmp-overlay /etc/ssl/certs" in text
    assert "--ro-bind-try /etc/hosts" in text
    assert text.endswith("--remount-ro /usr --remount-ro /etc/ssl/certs --remount-ro / --chdir /")


def test_a_writable_folder_within_a_read_only_one() -> None:
    sandbox = Sandbox(mounts=(Mount("/b", "/app"), Mount("/v", "/app/data", writable=True)))
    text = " ".join(bubblewrap_arguments(sandbox, ROOT, [7, 8]))
    assert "--overlay-src /b --tmp-overlay /app --bind /v /app/data" in text


def test_a_layered_folder_is_written_over_where_the_kernel_allows_layers() -> None:
    sandbox = Sandbox(mounts=(Mount("/b", "/app", layered=True),), files={"/app/conf": File(b"x")})
    text = " ".join(bubblewrap_arguments(sandbox, ROOT, [7, 8, 9]))
    assert "--overlay-src /b --tmp-overlay /app" in text
    assert "--remount-ro /app" not in text
    without = " ".join(bubblewrap_arguments(Sandbox(mounts=sandbox.mounts), replace(ROOT, layers=False), [7, 8]))
    assert "--ro-bind /b /app" in without


def test_a_folder_within_a_mount_is_named_by_its_descriptor() -> None:
    mounts = (Mount("/v", "/data", writable=True, within="a/b"), Mount("/v", "/ro", within="c"))
    sandbox = Sandbox(mounts=mounts, files={"/etc/key": File(b"x")})
    assert descriptors_needed(sandbox, ROOT) == 7
    ready = launch(sandbox, ["x"], ROOT, [3, 4, 5, 6, 7, 8, 9])
    assert ready.folders == ((8, "/v", "a/b"), (9, "/v", "c"))
    assert "--bind-fd\x008\x00/data\x00" in dict(ready.files)[4].decode()
    assert "--ro-bind-fd\x009\x00/ro\x00" in dict(ready.files)[4].decode()


def test_the_launcher_gives_the_sandboxes_files_to_its_user() -> None:
    sandbox = Sandbox(files={"/etc/key": File(b"x", 0o400)})
    ready = launch(sandbox, ["x"], ROOT, [3, 4, 5, 6, 7])
    assert marshal.loads(dict(ready.files)[3])["own"] == ["/etc/key"]
    assert dict(ready.files)[7] == b"x"


def test_a_mount_within_another_comes_after_it() -> None:
    sandbox = Sandbox(mounts=(Mount("/b", "/app/vendor"), Mount("/a", "/app", writable=True)))
    text = " ".join(bubblewrap_arguments(sandbox, ROOT, [7, 8]))
    assert text.index("--bind /a /app") < text.index("--ro-bind /b /app/vendor")


def test_neither_command_nor_environment_nor_paths_show_in_the_arguments() -> None:
    sandbox = Sandbox(mounts=(Mount("/home/x", "/app"),), environment={"TOKEN": "hunter22"})
    ready = launch(sandbox, ["serve", "--key=hunter22"], ROOT, [3, 4, 5, 6])
    assert ready.argv == ("/opt/bwrap", "--args", "4", "--", "/root/py/bin/python3", "-I", "-S", "-E", LAUNCHER, "3")
    orders = marshal.loads(dict(ready.files)[3])
    assert orders["command"] == ["serve", "--key=hunter22"]
    assert orders["environment"] == {"TOKEN": "hunter22"}
    assert [number for number, _ in ready.files] == [3, 4, 5, 6]
    assert descriptors_needed(sandbox, ROOT) == 4


def test_without_sandboxes_paths_become_those_of_the_machine() -> None:
    host = Host(None, "/usr/bin/python3", "/usr", root=True)
    mounts = (Mount("/home/b", "/app"), Mount("/home/layers/d", "/layers/python"), Mount("/opt/py", "/opt/py"))
    environment = {"PATH": "/layers/python/bin:/usr/bin", "URL": "http://app/app", "LIKE": "/application"}
    sandbox = Sandbox(mounts=mounts, environment=environment, workdir="/app")
    ready = launch(sandbox, ["/app/run", "x"], host, [3])
    assert ready.argv == ("/usr/bin/python3", "-I", "-S", "-E", LAUNCHER_SOURCE, "3")
    orders = marshal.loads(ready.files[0][1])
    assert orders["command"] == ["/home/b/run", "x"]
    assert orders["environment"] == {
        "PATH": "/home/layers/d/bin:/usr/bin",
        "URL": "http://app/app",
        "LIKE": "/application",
    }
    assert (orders["workdir"], orders["alone"]) == ("/home/b", True)


def test_limits_are_given_in_the_kernels_units() -> None:
    limits = Limits(memory_mb=2, cpu_seconds=3, processes=4, file_size_mb=1, open_files=5, nice=6)
    orders = marshal.loads(launch(Sandbox(limits=limits), ["x"], ROOT, [3, 4, 5, 6]).files[0][1])
    assert orders["limits"] == {
        "RLIMIT_DATA": 2097152,
        "RLIMIT_FSIZE": 1048576,
        "RLIMIT_CPU": 3,
        "RLIMIT_NPROC": 4,
        "RLIMIT_NOFILE": 5,
        "RLIMIT_CORE": 0,
    }
    assert orders["nice"] == 6


@pytest.mark.parametrize("path", ["app", "/app/../etc", "/a\0b"])
def test_a_path_that_is_not_absolute_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="not an absolute path"):
        Sandbox(mounts=(Mount("/b", path),))
