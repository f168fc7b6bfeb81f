"""How commands say what is wrong: in one line, with what would do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class UnusableError(Exception):
    """The command cannot go on; the text says what and where, and what would do."""


def notice(text: str) -> None:
    """Say something beside what the command was asked for."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def store_faults_in_words() -> Iterator[None]:
    """Say in one line why the database or the platform cannot be used."""
    from bot.channels.telegram.faults import Fault, TokenRefused  # noqa: PLC0415 – only those who need it load it
    from bot.service.serving import AddressInUse  # noqa: PLC0415
    from bot.store import StoreError, StoreUnavailable  # noqa: PLC0415

    try:
        yield
    except StoreUnavailable as error:
        raise UnusableError(f"数据库用不了（{error}）；请检查设置 store.url、磁盘和权限") from error
    except (StoreError, AddressInUse) as error:
        raise UnusableError(str(error)) from error
    except TokenRefused as error:
        raise UnusableError("Telegram 不认这个令牌；请检查设置 telegram.token 或者 telegram.token_file") from error
    except Fault as error:
        raise UnusableError(f"Telegram 不接受这些设置（{error}）；请检查 telegram.webhook_url") from error
