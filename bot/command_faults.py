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


_STORE_REASONS = {
    "full": "磁盘满了；请腾出地方，或者把设置 store.url 换到别的磁盘",
    "read-only": "只能读，不能写；请检查文件和文件夹的权限，或者改设置 store.url",
    "locked": "别的程序正占着；请过一会儿再试，一直这样就看看设置 store.url 指的数据库还有谁在用",
    "unreachable": "打不开，或者连不上；请检查设置 store.url、权限，数据库服务在不在运行",
    "damaged": "坏了，或者不是这个程序的数据库；请检查设置 store.url，真坏了就用备份恢复：zhucan restore 备份文件",
    "other": "读写出错；请检查设置 store.url、磁盘和权限",
}


@contextmanager
def store_faults_in_words() -> Iterator[None]:
    """Say in one line why the database cannot be used."""
    from bot.store import StoreError, StoreUnavailable  # noqa: PLC0415 – only those who need it load it

    try:
        yield
    except StoreUnavailable as error:
        place = f" {error.where} " if error.where else ""
        raise UnusableError(f"数据库{place}用不了：{_STORE_REASONS[error.reason]}") from error
    except StoreError as error:
        raise UnusableError(str(error)) from error


@contextmanager
def serving_faults_in_words() -> Iterator[None]:
    """Say in one line why the database, the platform or the address to serve at cannot be used."""
    from bot.channels.telegram.faults import Fault, TokenRefused  # noqa: PLC0415 – the platform takes long to load
    from bot.service.serving import AddressInUse  # noqa: PLC0415

    try:
        with store_faults_in_words():
            yield
    except AddressInUse as error:
        raise UnusableError(str(error)) from error
    except TokenRefused as error:
        raise UnusableError("Telegram 不认这个令牌；请检查设置 telegram.token 或者 telegram.token_file") from error
    except Fault as error:
        raise UnusableError(f"Telegram 不接受这些设置（{error}）；请检查 telegram.webhook_url") from error
