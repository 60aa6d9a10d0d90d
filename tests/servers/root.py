"""A throw-away root folder: this Debian with a mail server's packages on top.

The law of this file: it runs as root within the namespaces that `inside` was started in, so
whatever it mounts, installs or starts goes when that process ends, and this machine's own files
never change: they are the lower, read-only layer of an overlay that is kept in memory.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path

LOG, CHROOT = "/var/log/foreground", "/usr/sbin/chroot"
DEVICES = ("null", "zero", "full", "random", "urandom")
ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C", "TZ": "UTC"}
ENVIRONMENT["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
HOSTS = """\
127.0.0.1 mail.example.test localhost
127.0.0.1 example.test
127.0.0.2 laptop.example
"""
APT = ("apt-get", "--yes", "--quiet", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0")
HURRY = ("-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20")
TRIAL = (
    "mount -t tmpfs tmpfs /mnt && mkdir /mnt/changes /mnt/work && mount -t overlay overlay "
    "-o lowerdir=/,upperdir=/mnt/changes,workdir=/mnt/work /mnt"
)
# The network interface flags of Linux's if.h and ioctls.h.
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1


class NoPackageError(RuntimeError):
    """Debian's packages cannot be had."""


class Root:
    """A root folder: writes go to `changes`, what is not written there comes from `below`."""

    def __init__(self, folder: Path, below: tuple[Path, ...] = (Path("/"),)) -> None:
        self.path, self.changes, self.below = folder / "root", folder / "changes", below
        for path in (self.path, self.changes, folder / "work"):
            path.mkdir(parents=True)
        layers = f"lowerdir={':'.join(map(str, below))},upperdir={self.changes}"
        _run(
            "mount", "-t", "overlay", "overlay", "-o", f"{layers},workdir={folder}/work", self.path
        )
        _run("mount", "-t", "proc", "proc", self.path / "proc")
        _run("mount", "-t", "tmpfs", "tmpfs", self.path / "dev")
        for name in DEVICES:
            (self.path / "dev" / name).touch()
            _run("mount", "--bind", f"/dev/{name}", self.path / "dev" / name)
        (self.path / "tmp").chmod(0o1777)

    def close(self) -> None:
        """Unmount it; what was written stays in `changes`, for roots laid over it."""
        _run("umount", "--recursive", self.path)

    def install(self, packages: tuple[str, ...]) -> None:
        """Get packages from Debian and set them up, with no service started.

        Raises `NoPackageError` if Debian cannot be reached or does not have them.
        """
        self.write("/etc/resolv.conf", Path("/etc/resolv.conf").read_text(encoding="utf-8"))
        self.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", mode=0o755)
        try:
            self.run(*APT, *HURRY, "update")
            self.run(*APT, *HURRY, "install", "--reinstall", "--download-only", *packages)
        except RuntimeError as error:
            raise NoPackageError(error) from error
        self.run(*APT, "install", "--reinstall", *packages)

    def add_people(self, users: tuple[str, ...]) -> None:
        """Make mailboxes, and rename who would be an unexpected one: the user called nobody."""
        for user in users:
            self.run("sh", "-c", f"id {user} || useradd --create-home {user}")
        self.run("usermod", "--login", "unprivileged", "nobody")

    def isolate(self) -> None:
        """Know no names but our own."""
        self.write("/etc/hosts", HOSTS)
        self.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n")
        self.write("/etc/mailname", "mail.example.test\n")

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """Write a file of the root; `path` begins with a slash."""
        file = self.path / path[1:]
        if file.is_symlink():
            file.unlink()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)

    def read(self, path: str) -> str:
        """A file of the root as text, whatever it may hold."""
        return (self.path / path[1:]).read_text(encoding="utf-8", errors="replace")

    def run(self, *command: str) -> str:
        """What a command says that is run in the root. Raises `RuntimeError` if it fails."""
        return _run(CHROOT, self.path, *command)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a server that stays in the foreground; its log is `LOG`."""
        with (self.path / LOG[1:]).open("ab") as log:
            return subprocess.Popen(
                [CHROOT, str(self.path), *command],
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self) -> str:
        """The end of what the server told about itself."""
        return self.read(LOG)[-2000:]

    def version(self, package: str) -> str:
        """Debian's version of an installed package."""
        return self.run("dpkg-query", "--show", "--showformat=${Version}", package)


def _run(*command: str | Path) -> str:
    proxies = {key: text for key, text in os.environ.items() if key.lower().endswith("_proxy")}
    done = subprocess.run(
        command, env=ENVIRONMENT | proxies, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"{' '.join(map(str, command))} failed ({done.returncode}):\n{said}")
    return done.stdout


def in_memory(folder: Path) -> None:
    """Keep what is written into a folder in memory only."""
    _run("mount", "-t", "tmpfs", "tmpfs", folder)


def loopback() -> None:
    """Switch on loopback, which a new network namespace has, but off."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def missing() -> str:
    """Why a throw-away root cannot be had on this machine; empty when it can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "needs root"
    if absent := [tool for tool in ("unshare", "chroot", "apt-get") if not shutil.which(tool)]:
        return f"needs {', '.join(absent)}"
    if apart := [path for path in ("/etc", "/usr", "/var") if os.path.ismount(path)]:
        return f"needs {', '.join(apart)} on the root's own file system"
    tried = ["unshare", "--mount", "--pid", "--fork", "--net", "sh", "-c", TRIAL]
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    return f"needs namespaces and an overlay: {done.stderr.strip()}" if done.returncode else ""
