"""``python -m bot`` is the same as ``zhucan``."""

from __future__ import annotations

import sys

_INTERRUPTED = 130  # as shells have it


def main() -> None:
    """Run the command line. Who interrupts it while it is still being loaded gets no traceback either."""
    try:
        from bot.cli import main as run  # noqa: PLC0415 – takes a second

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
