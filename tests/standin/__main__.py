"""python -m tests.standin --port N: the stand-in as a process of its own; control.py tells how to drive it."""

from __future__ import annotations

import argparse
import asyncio
import sys

from .api import TOKEN, BotApi
from .control import Control


async def serve(port: int, token: str) -> None:
    """Serves until it is stopped; the first line printed is the base URL."""
    async with BotApi(port=port, token=token) as api:
        api.control = Control(api)
        print(api.base_url, flush=True)
        print(f"token {api.token}; drive it at http://127.0.0.1:{api.port}/control/", file=sys.stderr)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--token", default=TOKEN)
    chosen = parser.parse_args()
    try:
        asyncio.run(serve(chosen.port, chosen.token))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
