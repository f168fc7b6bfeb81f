"""A PostgreSQL server of the tests' own: private socket, nothing kept, gone when the tests end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.needs import missing

_OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=60",
    "autovacuum=off",
)
_CHINESE_ORDER = ("--locale-provider=icu", "--icu-locale=zh-CN")


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest if there are several."""
    if found := shutil.which("initdb"):
        folder = Path(found).resolve().parent
        if (folder / "postgres").exists():
            return folder
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: file.parent.parent.name)
    return versions[-1].parent if versions else None


def needed_binaries() -> Path:
    """Return the folder of PostgreSQL's programs; skip the test without it, and fail where nothing may be skipped."""
    return binaries() or missing("no PostgreSQL programs in PATH or /usr/lib/postgresql/*/bin")


class Server:
    """A server that can be stopped and started. ``url`` gives the address of one of its databases."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._sockets = folder
        self._log = folder / "log"
        self._made = 0

    def make(self) -> None:
        """Make it with the order of Chinese dictionaries, which is far from that of bytes, if it knows that order."""
        try:
            self._initdb(*_CHINESE_ORDER)
        except RuntimeError:  # it was built without ICU
            self._initdb()

    def _initdb(self, *order: str) -> None:
        usual = ("-U", "zhucan", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self._run("initdb", "-D", str(self._data), *usual, *order)

    def start(self) -> None:
        options = " ".join(f"-c {option}" for option in (*_OPTIONS, f"unix_socket_directories={self._sockets}"))
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._log), "-w", "-t", "60", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "60", "-m", mode, "stop")

    def url(self, database: str) -> str:
        return f"postgresql://zhucan@/{database}?host={self._sockets}"

    def execute(self, statement: str, database: str = "postgres") -> str:
        return self._run(
            "psql", "-h", str(self._sockets), "-U", "zhucan", "-d", database, "-XAtq", "-v", "ON_ERROR_STOP=1",
            "-c", statement,
        )  # fmt: skip

    def database(self, template: str | None = None) -> str:
        """Make a new database, as a copy of ``template`` if there is one, and return its name."""
        self._made += 1
        name = f"test_{os.getpid()}_{self._made}"
        self.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def _run(self, program: str, *arguments: str) -> str:
        command = [*as_another_user(), str(self._programs / program), *arguments]
        with tempfile.TemporaryFile() as said:  # a pipe would stay open with the server
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, cwd="/", check=False,
                env={**os.environ, "LC_ALL": "C", "PGTZ": "Asia/Shanghai"},
            )  # fmt: skip
            said.seek(0)
            text = said.read().decode(errors="replace")
        if done.returncode:
            raise RuntimeError(f"{program}: {text}")
        return text


def as_another_user() -> Sequence[str]:
    """Return what has to stand before a command, as PostgreSQL refuses to run as root."""
    if os.geteuid():
        return ()
    if shutil.which("setpriv") is None:
        missing("PostgreSQL refuses to run as root, and there is no setpriv to become another user")
    return ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups")


@contextmanager
def running_server() -> Iterator[Server]:
    """Run a server until the end of the block. Its folder's name is short: a socket's path has to be."""
    programs = needed_binaries()
    folder = Path(tempfile.mkdtemp(prefix="zcpg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        server = Server(programs, folder)
        server.make()
        server.start()
        try:
            yield server
        finally:
            with suppress(RuntimeError):
                server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
