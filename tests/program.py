"""The whole program as a process of its own, as a service manager runs it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from tests.standin import BotApi

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "data" / "tiny"


class Program:
    """``zhucan`` with a token, talking to ``api`` (without one: no token); its files are below ``folder``."""

    def __init__(self, api: BotApi | None, folder: Path, index_folder: Path, **settings: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        telegram = {"ZHUCAN_TELEGRAM__TOKEN": api.token, "ZHUCAN_TELEGRAM__BASE_URL": api.base_url} if api else {}
        self._environment = {
            **telegram,
            "ZHUCAN_KNOWLEDGE__FOLDER": str(TINY),
            "ZHUCAN_KNOWLEDGE__OVERLAY": str(folder / "data" / "overlay.yaml"),
            "ZHUCAN_INDEX__FOLDER": str(index_folder),
            "ZHUCAN_STORE__URL": f"sqlite:///{folder / 'data' / 'zhucan.db'}",
            "ZHUCAN_STORE__KEY_FILE": str(folder / "keys" / "zhucan.key"),
            "ZHUCAN_LOG__JSON_LINES": "true",
            **settings,
        }
        self._process: Process | None = None

    async def __aenter__(self) -> Program:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start it; it may take a moment until it answers."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", cwd=self.folder, env=self.environment(), stdout=log, stderr=log
            )

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command with the same settings; return its status and what it wrote."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments, cwd=self.folder, env=self.environment(), stdout=PIPE, stderr=PIPE
        )
        out, err = await process.communicate()
        return int(process.returncode or 0), (out + err).decode()

    def environment(self) -> dict[str, str]:
        """The variables it runs with."""
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        return {**os.environ, "PYTHONPATH": paths, **self._environment}

    async def kill(self) -> None:
        """Kill it as it is: no warning, no time to tidy up."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to stop; return its status."""
        return await self._end(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait for it to end by itself; return its status."""
        assert self._process is not None
        return await self._process.wait()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        """What it logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    async def _end(self, number: signal.Signals) -> int:
        if not self.is_running:
            return 0
        assert self._process is not None
        self._process.send_signal(number)
        return await self._process.wait()
